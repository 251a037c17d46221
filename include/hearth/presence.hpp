#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearth {

/// Which members of a room are wanted, page by page.
struct PresenceQuery {
  std::string after{};      ///< the `next` of the page before; empty: the first page
  std::size_t limit = 100;  ///< most members of a page, 1 to kMostListed
};

/// Somebody in a room.
struct PresentMember {
  std::string id{};                      ///< client id
  std::optional<std::string> user_id{};  ///< nothing: it has none
  boost::json::value info{};             ///< Identity::info; null if there is none
};

/// Who is in a room whose rule has presence (docs/presence.md), as its members are told.
struct PresencePage {
  std::uint64_t version = 0;  ///< one higher with each change that was told; 0: nobody is there
  std::uint64_t clients = 0;
  std::uint64_t users = 0;
  /// Nothing: the rule says `count`, or there are more than its `presence_limit`.
  std::optional<std::vector<PresentMember>> members{};
  std::string next{};  ///< empty: this is the last page
};

}  // namespace hearth
