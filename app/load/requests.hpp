#pragma once

#include "load/client_rooms.hpp"
#include "load/plan.hpp"
#include "load/stamp.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth::load {

/// What clients say, as the text of a message.

/// `public_key` is base64, or empty.
std::string authenticate_request(std::uint32_t client, std::string_view token, std::string_view public_key);

/// With an id, if the server answers those (SendBy::publish).
std::string rooms_request(bool is_join, std::span<const std::string_view> rooms, SendBy send_by);

/// A room to be joined from where the client stands in it.
struct RoomSince {
  std::string_view room;
  const RoomPosition& position;
};
/// Joins rooms that remember (docs/recovery.md).
std::string since_request(std::span<const RoomSince> rooms);

/// What asks an application for an echo, which tells that it has done all that came before. Ignis answers neither
/// `join` nor `leave`.
inline constexpr std::string_view kEchoRequest = R"({"event":"echo","data":{"after":"rooms"}})";

/// Appends a stamped message of `bytes` bytes to a room. `is_own`: it is the client's own, so that it comes back alone.
void append_message(std::string& out, SendBy send_by, const Stamp& stamp, std::string_view room, bool is_own,
                    std::size_t bytes);

}  // namespace hearth::load
