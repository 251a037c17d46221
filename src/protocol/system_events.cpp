#include "protocol/system_events.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <array>

namespace hearth::protocol {
namespace {

constexpr std::array kReservedEvents{
    event::kAuthenticate, event::kConnected,  event::kHeartbeat, event::kJoin,
    event::kLeave,        event::kPublish,    event::kError,     event::kAck,
    event::kEncrypted,    event::kDisconnect, event::kReconnect, event::kTokenExpiring,
};

/// Channels of the broker begin with it, so that a room named so could not be told from one of them.
constexpr std::string_view kChannelPrefix = "ws:";

}  // namespace

bool is_reserved_event(std::string_view name) noexcept {
  return std::find(kReservedEvents.begin(), kReservedEvents.end(), name) != kReservedEvents.end();
}

bool is_valid_room_name(std::string_view name) noexcept {
  return !name.empty() && !name.starts_with(kChannelPrefix) && utf16_length(name) <= kMaxRoomNameLength;
}

}  // namespace hearth::protocol
