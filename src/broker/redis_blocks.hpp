#pragma once

#include "hearth/block.hpp"
#include "redis/resp.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// The hash in which blocks are kept: a field for each user and token.
inline constexpr std::string_view kBlocksKey = "hearth:blocks";

/// `user:ann`, `token:4711`.
std::string block_field(std::string_view user, std::string_view token);
/// `{"until":1790000000,"issuedBefore":1780000000}`: seconds since 1970.
std::string block_value(const Block& block);

/// What HGETALL has answered.
struct KeptBlocks {
  std::vector<Block> blocks{};       ///< that go on
  std::vector<std::string> ended{};  ///< fields of those that have ended, and of what is no block
};
KeptBlocks read_blocks(const redis::RespReply& reply, std::chrono::system_clock::time_point now);

}  // namespace hearth::broker
