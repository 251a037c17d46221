#pragma once

#include "history/audience.hpp"
#include "sim/store.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace hearth::sim {

constexpr std::size_t kMostRooms = 8;

class Shard;

/// What is under way to a client.
struct Item {
  enum class Kind : std::uint8_t { answer, gap, publication, plain, acked, refused };
  Kind kind = Kind::publication;
  bool tells_epoch = false;
  std::uint32_t room = 0;
  std::uint32_t node = 0;
  std::uint64_t skipped = 0;
  std::uint64_t key = 0;
  std::uint64_t content = 0;  // of the publication
  std::uint32_t attempt = 0;
  const StoredPublication* publication = nullptr;  // the world keeps them all
  Position position{};
  std::uint64_t top = 0;
  std::optional<history::Reason> lost{};
  bool gave_position = false;
  bool has_position = true;
};

/// A connection of a client to a shard, with what waits in its socket.
struct Connection {
  std::uint32_t number = 0;
  std::uint32_t client = 0;
  Shard* shard = nullptr;
  bool is_open = true;
  bool is_read = false;  // a turn of the client's is planned
  std::array<std::uint32_t, kMostRooms> place{};
  std::array<Position, kMostRooms> plain{};  // what it was sent last as a plain member, who is not told it
  std::deque<Item> inbox;
};

/// A person with a client: what it knows outlives its connections.
struct Client {
  struct InRoom {
    bool is_member = false;
    bool is_plain = false;  // did not ask for positions
    bool was_answered = false;
    std::uint32_t last = 0;  // begins with the last so many
    std::optional<Position> stands;
  };
  /// A publication that is not acknowledged.
  struct Waiting {
    Draft draft;
    bool is_sent = false;  // on this connection
  };

  std::uint32_t number = 0;
  Connection* connection = nullptr;
  std::uint32_t node = 0;  // index of the last one
  std::int64_t away_until = 0;
  std::int64_t slow_until = 0;
  bool connects = false;  // it is planned
  std::array<InRoom, kMostRooms> rooms{};
  std::deque<Waiting> unacked;
};

}  // namespace hearth::sim
