#pragma once

#include "net/deadline_list.hpp"
#include "protocol/client_id.hpp"
#include "shard/space_saving.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

/// Who is sent, and sends, the most: counted while somebody wants to know (Server::busiest), and then once for each
/// message to a room, however many get it. The shard's thread alone.
class Tally {
 public:
  enum class Kind : std::uint8_t { room_messages, room_bytes, client_messages };

  /// One of the busiest; figures a second.
  struct Entry {
    std::string name;
    double value;
    double error;
  };

  /// Until when it counts after the last question.
  static constexpr net::Millis kInterest{60'000};
  /// How often what was counted is halved.
  static constexpr net::Millis kHalving{10'000};

  bool is_on() const noexcept { return counts_ != nullptr; }
  /// If it is on: a message to a room that somebody is in, and one of a client.
  void room_message(std::string_view room, std::size_t bytes) {
    if (counts_) count_room(room, bytes);
  }
  void client_message(const protocol::ClientId& client) {
    if (counts_) count_client(client);
  }

  /// The busiest, in no order. Begins to count.
  std::vector<Entry> ask(Kind kind, net::TimePoint now);

  void expire(net::TimePoint now);
  /// When `expire` is to be called.
  std::optional<net::TimePoint> next() const noexcept;

 private:
  struct Counts {
    SpaceSaving room_messages;
    SpaceSaving room_bytes;
    SpaceSaving client_messages;
    net::TimePoint halved_at;
    net::TimePoint wanted_until;
    double seconds = 0;  ///< that were counted up to halved_at, weighted as the counts are
  };

  void count_room(std::string_view room, std::size_t bytes);
  void count_client(const protocol::ClientId& client);

  std::unique_ptr<Counts> counts_;  // while it is on
};

}  // namespace hearth::shard
