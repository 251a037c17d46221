#pragma once

#include "hearth/metrics.hpp"
#include "presence/liveness.hpp"
#include "presence/note.hpp"
#include "presence/room.hpp"
#include "presence/store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::presence {

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
/// gathered for the time that its rule says. In a cluster each instance tells the others of its own members, and keeps
/// those of the others while somebody here wants to know. Knows no thread, link or clock. For one thread at a time.
class Rooms {
 public:
  /// What a cluster needs.
  struct Cluster {
    Store* store = nullptr;  ///< null: this instance is alone
    std::string self{};      ///< its name
    std::chrono::milliseconds heartbeat{5'000};
  };
  /// Who is in a room, and whether that may be old.
  using Told = std::function<void(const Picture& picture, bool is_stale)>;

  Rooms(Sink& sink, Cluster cluster, TimePoint now);
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  /// From this shard; in the order in which it happened there.
  void take(std::uint8_t shard, const Note& note, TimePoint now);
  /// Says and asks what is due.
  void advance(TimePoint now);
  /// When `advance` is to be called.
  std::optional<TimePoint> next_deadline() const;
  /// Who is in a room of this rule, told or not, over all instances; `told` may be called before this returns.
  void ask(const std::string& room, const RoomRule& rule, const Page& page, Told told, TimePoint now);
  /// Has the others told all that they are not told yet.
  void finish(TimePoint now);
  /// Whether there is something that the others are not told yet.
  bool owes() const;
  /// Without those that nobody is in any more.
  std::size_t size() const noexcept { return rooms_.size() - empty_; }
  /// Takes as long as there are rooms.
  PresenceMetrics metrics() const;

  // From the store:

  void living(std::span<const std::string> nodes, bool was_missing, TimePoint now);
  void cut_off(TimePoint now);
  /// The link to it is gone.
  void lost(TimePoint now) { liveness_.doubt(now); }
  void written(const std::string& room, bool is_done, TimePoint now);
  void read(const std::string& room, std::span<const Entry> entries, TimePoint now);
  void read_failed(const std::string& room, TimePoint now);
  void watched(const std::string& room, TimePoint now);
  void report(std::string_view node, const std::string& room, const Report& report, TimePoint now);

 private:
  /// What waits for the store to be read.
  struct Question {
    Roster::Options options;
    std::optional<Page> page;
    Told told;
  };

  /// How often each room says everything once more; and what the store keeps lives three times as long.
  static constexpr std::chrono::minutes kHealPeriod{5};
  static constexpr std::chrono::seconds kRetry{1};
  /// For so long a room is kept that nobody is in any more, unless there are too many.
  static constexpr std::chrono::seconds kLossTime{30};
  static constexpr std::size_t kMostEmpty = 10'000;
  /// Reads of the store under way at a time.
  static constexpr std::size_t kMostReads = 32;

  bool is_alone() const noexcept { return cluster_.store == nullptr; }
  Room* find(std::string_view name);
  Room& make(const Note& note, TimePoint now);
  void take_watch(std::uint8_t shard, Room& room, const ClientId& client, TimePoint now);
  void take_question(std::uint8_t shard, Room& room, const Note& note, TimePoint now);
  void forget_others(Room& room);
  void show(Room& room, TimePoint now);
  void tell(Room& room, TimePoint now);
  void tell_others(Room& room, TimePoint now);
  void settle(Room& room, TimePoint now);
  TextPtr picture_of(Room& room);
  void answer(const std::string& room, std::span<const Entry> entries, TimePoint now);
  void want_read(const std::string& room);
  void read_next();
  void read_again(Room& room);
  void look(TimePoint now);
  void schedule(Room& room, TimePoint when);
  void let_go(Room& room, TimePoint now);
  void forget(Room& room);
  Room* revive(Room& room, bool somebody_comes);

  Sink& sink_;
  const Cluster cluster_;
  Liveness liveness_;
  std::map<std::string, std::unique_ptr<Room>, std::less<>> rooms_;
  std::size_t empty_ = 0;  // rooms that are kept a while longer
  std::uint64_t last_number_ = 0;
  std::uint64_t last_version_ = 0;                            // of the rooms that are gone
  std::map<std::pair<TimePoint, std::uint64_t>, Room*> due_;  // when, and the number of the room
  std::map<std::string, std::vector<Question>, std::less<>> questions_;
  std::deque<std::string> to_read_;
  std::set<std::string, std::less<>> reading_;  // and those of to_read_
  std::size_t reads_ = 0;                       // under way
  PresenceMetrics done_{};                      // what has been counted, and nothing of what is there
};

}  // namespace hearth::presence
