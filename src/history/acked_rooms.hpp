#pragma once

#include "hearth/history.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::history {

/// Publications that the log had confirmed and has lost: these offsets of an epoch.
struct Rollback {
  std::string room;
  Epoch epoch;
  std::uint64_t from;
  std::uint64_t to;

  bool operator==(const Rollback&) const = default;
};

/// Where this node's own appends have come to lie, for a while: so that it learns of it when the store loses them, also
/// where nobody of its own is in the room. They are compared with the log when there is a reason to, and once more
/// before they are forgotten. For one thread at a time.
class AckedRooms {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kMostRooms = 65'536;  ///< past that the oldest is forgotten
  static constexpr std::size_t kMostSpans = 16;      ///< epochs of a room

  /// `life`: how long after the last append of a room it is forgotten.
  explicit AckedRooms(std::chrono::milliseconds life = std::chrono::minutes(5)) noexcept : life_(life) {}

  /// An append is confirmed.
  void acked(std::string_view room, const Position& position, TimePoint now);
  /// The store may be another process than before, or have lost what it had: all are to be compared.
  void store_changed();
  /// A feed of this room was reset: as above.
  void log_changed(std::string_view room);

  /// Rooms whose tops are to be asked for now, up to `most`; each comes back by `top` or `failed`.
  std::vector<std::string> next(std::size_t most, TimePoint now);
  /// What the log says; what it has lost of what was acknowledged before it was asked.
  std::vector<Rollback> top(std::string_view room, const LogTop& log);
  void failed(std::string_view room);

  std::size_t size() const noexcept { return rooms_.size(); }

 private:
  struct Span {
    Epoch epoch;
    std::uint64_t first;
    std::uint64_t last;
    std::uint64_t asked = 0;  // `last` when the top was asked for
  };
  struct Room {
    std::string name;
    std::vector<Span> spans;  // the newest last
    TimePoint acked;
    bool unchecked = false;  // to be compared
    bool leaving = false;    // and then to be forgotten
  };
  using Rooms = std::list<Room>;

  Rooms::iterator find(std::string_view room);

  void to_be_checked(Room& room) noexcept;
  void forget(Rooms::iterator room);

  const std::chrono::milliseconds life_;
  bool any_unchecked_ = false;
  Rooms rooms_;  // by age
  boost::unordered_flat_map<std::string_view, Rooms::iterator, protocol::NameHash, std::equal_to<>> by_name_;
};

}  // namespace hearth::history
