#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// docs/protocol.md, Authentication.
enum class ClientState : std::uint8_t { unauthorized, authenticating, authenticated, disconnected };

/// The state's name as the protocol spells it.
constexpr std::string_view to_string(ClientState state) noexcept {
  switch (state) {
    case ClientState::unauthorized:
      return "unauthorized";
    case ClientState::authenticating:
      return "authenticating";
    case ClientState::authenticated:
      return "authenticated";
    case ClientState::disconnected:
      break;
  }
  return "disconnected";
}

/// What the server knew of a client at the moment it was asked.
struct ClientSnapshot {
  std::string id;
  std::optional<std::string> user_id;
  ClientState state = ClientState::unauthorized;
  std::vector<std::string> rooms;  ///< its own id's room first, then in the order joined
  bool backpressured = false;      ///< bytes wait for it that its socket did not take, or some were dropped since
  bool encrypted = false;
  std::chrono::system_clock::time_point connected_at;
  std::chrono::system_clock::time_point last_activity;  ///< when its last message came, or it connected
  boost::json::value metadata;                          ///< what `authenticate` gave; null if nothing
  std::string remote_address;                           ///< `192.0.2.1:5000`, `[2001:db8::1]:5000` or `unix`
  std::size_t room_count = 0;          ///< that it is in; of those, `rooms` may have the first alone (ClientQuery)
  std::size_t backlog_bytes = 0;       ///< that wait for it
  std::uint64_t messages_dropped = 0;  ///< that it did not get because too much was waiting
  std::optional<std::chrono::system_clock::time_point> expires_at{};  ///< the end of its identity, if it has one
};

}  // namespace hearth
