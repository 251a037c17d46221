#pragma once

#include "hearth/metrics.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hearth::shard {

/// What a shard has and has counted, as far as only its own thread may look.
struct Figures {
  std::uint64_t unauthorized = 0;
  std::uint64_t authenticating = 0;
  std::uint64_t authenticated = 0;
  std::uint64_t backpressured = 0;
  std::uint64_t throttled = 0;
  std::uint64_t backlog_bytes = 0;
  std::uint64_t memberships = 0;
  std::vector<std::uint64_t> users{};                             ///< hashes of their ids: one may be on several shards
  std::vector<std::uint64_t> rooms{};                             ///< hashes of their names
  std::map<std::string, AuthenticationCounts> authentications{};  ///< by their methods
  std::map<std::uint16_t, std::uint64_t> disconnects{};
};

}  // namespace hearth::shard
