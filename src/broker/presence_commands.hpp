#pragma once

#include "hearth/presence.hpp"
#include "redis/resp.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What is said to Redis of who is in rooms, and what it answers (docs/protocol.md, section 3).
namespace hearth::broker {

inline constexpr std::string_view kPresenceChannel = "hearth:presence:";  ///< and the room
inline constexpr std::string_view kNodesKey = "hearth:nodes";             ///< who lives

/// Of who is in a room.
std::string presence_key(std::string_view room);

/// A report on its way to others.
struct SaidPresence {
  std::string instance{};
  PresenceReport report{};
};

std::string presence_envelope(std::string_view instance, const PresenceReport& report);
/// Nothing if it is none. `room`: of the channel.
std::optional<SaidPresence> read_presence_envelope(std::string_view room, std::string_view text);

redis::RespCommand look_command(std::string_view instance, std::optional<std::chrono::milliseconds> life);
redis::RespCommand write_command(std::string_view instance, const PresenceReport& report);
redis::RespCommand presence_read_command(std::string_view room);
redis::RespCommand forget_command(std::string_view room, std::string_view instance);

// In a Cluster, where a command can tell of the rooms of one slot and not who lives as well:

redis::RespCommand presence_read_command(std::string_view room, std::span<const std::string> living);
/// `entry`: what was kept of the instance, as it was read; if it is another by now nothing is forgotten.
redis::RespCommand forget_command(std::string_view room, std::string_view instance, std::string_view entry);

// Nothing if it is no such reply.

std::optional<LivingInstances> read_living(const redis::RespReply& reply);
std::optional<std::vector<PresenceEntry>> read_entries(const redis::RespReply& reply);

}  // namespace hearth::broker
