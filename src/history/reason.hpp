#pragma once

#include <cstdint>
#include <string_view>

namespace hearth::history {

/// Why a client's or a node's continuity in a room is broken (docs/recovery.md). The names are those on the wire.
enum class Reason : std::uint8_t {
  epoch,        ///< the log does not know the position's epoch: it is another log, or has lost the whole branch
  trimmed,      ///< what comes after the position is no longer kept
  rolled_back,  ///< the store has lost its end after the position was told
  unavailable,  ///< the log could not be read for too long
  slow,         ///< the client did not take what it was sent
};

constexpr std::string_view name_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::epoch:
      return "epoch";
    case Reason::trimmed:
      return "trimmed";
    case Reason::rolled_back:
      return "rolled_back";
    case Reason::unavailable:
      return "unavailable";
    case Reason::slow:
      break;
  }
  return "slow";
}

}  // namespace hearth::history
