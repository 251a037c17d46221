#pragma once

#include "hearth/room_rule.hpp"
#include "presence/note.hpp"
#include "presence/roster.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::presence {

/// What is said to clients: `data` of an event.
using TextPtr = std::shared_ptr<const std::string>;

/// Where the rooms say what there is to say. In order.
class Sink {
 public:
  virtual ~Sink() = default;
  /// To all on this shard who are told already.
  virtual void tell(std::uint8_t shard, const std::string& room, const TextPtr& text) = 0;
  /// To a client that is told from now on.
  virtual void show(std::uint8_t shard, const std::string& room, const ClientId& client, const TextPtr& text) = 0;
  /// To a client that has asked; null: nobody is in such a room.
  virtual void answer(std::uint8_t shard, const ClientId& client, const std::string& id_json, const TextPtr& text) = 0;
};

/// The rooms whose members are told who is in them, as far as this instance has members there. Changes of a room are
/// gathered for the time that its rule says. Knows no thread, link or clock. For one thread at a time.
class Rooms {
 public:
  explicit Rooms(Sink& sink) noexcept : sink_(sink) {}
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  /// From this shard; in the order in which it happened there.
  void take(std::uint8_t shard, const Note& note, TimePoint now);
  /// Tells what is due.
  void advance(TimePoint now);
  /// When `advance` is to be called.
  std::optional<TimePoint> next_deadline() const;

  /// Who is in a room now, told or not.
  Picture ask(std::string_view room, const Page& page, TimePoint now);
  std::size_t size() const noexcept { return rooms_.size(); }

 private:
  struct Room {
    Room(std::uint64_t its_number, std::string its_name, const RoomRule& rule);

    const std::uint64_t number;  // in which order they came to be
    const std::string name;
    const std::string quoted_name;
    const std::chrono::milliseconds interval;
    Roster roster;
    std::set<std::uint8_t> watched_by{};  // shards
    std::optional<TimePoint> due{};
    TextPtr shown{};  // what is shown to all who come to be told, until something changes
  };

  void tell(Room& room, TimePoint now);
  void settle(Room& room, TimePoint now);
  TextPtr picture_of(Room& room);
  void answer(std::uint8_t shard, Room& room, const Note& note, TimePoint now);
  void schedule(Room& room, TimePoint when);
  void let_go(Room& room);

  Sink& sink_;
  std::map<std::string, std::unique_ptr<Room>, std::less<>> rooms_;
  std::uint64_t last_number_ = 0;
  std::map<std::pair<TimePoint, std::uint64_t>, Room*> due_;  // when, and the number of the room
};

}  // namespace hearth::presence
