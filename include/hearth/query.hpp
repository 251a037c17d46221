#pragma once

#include "hearth/client.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearth {

/// Most entries of a page, and of a list of the busiest.
inline constexpr std::size_t kMostListed = 1000;

/// Which clients are wanted, page by page. What is not given lets everybody through.
struct ClientQuery {
  std::optional<std::string> user{};     ///< clients of this user
  std::optional<std::string> room{};     ///< members of this room
  std::optional<std::string> address{};  ///< `192.0.2.1`, `2001:db8::1`, `unix`; or with the port, `192.0.2.1:5000`
  std::optional<ClientState> state{};
  std::string after{};             ///< the `next` of the page before; empty: the first page
  std::size_t limit{100};          ///< most clients of a page, 1 to kMostListed
  std::size_t rooms_of_each{100};  ///< rooms past which a client's are only counted (ClientSnapshot::room_count)
};

/// In an order of the server's own, which does not change: who is there all the while is on exactly one page, who comes
/// or goes meanwhile is on one or none.
struct ClientPage {
  std::vector<ClientSnapshot> clients{};
  std::string next{};  ///< empty: this is the last page
};

/// Which rooms are wanted, page by page. A room is there while somebody is in it; those of the clients' own ids are not
/// listed.
struct RoomQuery {
  std::string prefix{};               ///< of the name
  std::optional<std::string> user{};  ///< rooms that a client of this user is in
  std::string after{};                ///< the `next` of the page before; empty: the first page
  std::size_t limit{100};             ///< most rooms of a page, 1 to kMostListed
};

struct RoomEntry {
  std::string name;
  std::size_t members = 0;  ///< here

  bool operator==(const RoomEntry&) const = default;
};

/// By name, in the order of its bytes.
struct RoomPage {
  std::vector<RoomEntry> rooms{};
  std::string next{};  ///< empty: this is the last page
};

/// What the busiest are to be found by.
enum class Busiest : std::uint8_t {
  rooms_by_members,     ///< how many are in it
  rooms_by_messages,    ///< messages to it a second
  rooms_by_bytes,       ///< bytes of event and data of those, a second
  clients_by_backlog,   ///< bytes that wait for it
  clients_by_messages,  ///< messages from it a second
  clients_by_age,       ///< when it connected, in seconds since 1970: the newest first
};

/// One of the busiest.
struct BusyEntry {
  std::string name;  ///< of the room, or the client's id
  double value = 0;
  /// How much of `value` may be another's: where more than 256 are about equally busy, counts of messages and bytes
  /// are estimates, which are never too small. 0 for those that are exact.
  double error = 0;
};

}  // namespace hearth
