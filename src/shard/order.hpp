#pragma once

#include "hearth/block.hpp"
#include "hearth/target.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hearth::shard {

/// What every instance of a cluster is to do with a client or a user (docs/protocol.md, Control messages).
struct Order {
  enum class Op : std::uint8_t { disconnect, join, leave, block, unblock };

  Op op = Op::disconnect;
  Target::Kind kind = Target::Kind::client;  ///< client or user, unless it is about a block
  std::string name{};
  std::uint16_t code = 0;             ///< of `disconnect`
  std::string reason{};               ///< of `disconnect`
  std::vector<std::string> except{};  ///< of `disconnect`: client ids that stay
  std::vector<std::string> rooms{};   ///< of `join` and `leave`
  Block block{};                      ///< of `block`, and whom `unblock` is about

  Target whom() const noexcept { return {kind, name}; }
};

}  // namespace hearth::shard
