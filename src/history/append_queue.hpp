#pragma once

#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::history {

/// What waits to be appended to the logs of one store, over a link that may break at any time. Each append is kept
/// until the store has answered, and sent again under the same number, by which the store recognises what it has
/// already; so it happens once, and those of a room in their order. For one thread at a time. Knows no link: it is
/// told, and asked what is to be sent.
///
/// Of each append the store is given two numbers, and keeps the greatest of each node and room:
/// - `sequence`: if it has that or a greater one, the append is there already. It is to compare always, not only what
///   was sent before: a server that was stopped may read the old connection after the new one.
/// - `previous`: if it has a smaller one, the append is to be turned away as out of order (`out_of_order`). A store may
///   refuse one append and take the next of the same room (a script that was unknown for a moment, a slot that moves);
///   without this the first, sent again, would be taken for one that is there, for the store knows the next.
template <class Item>
class AppendQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    std::size_t bytes = std::size_t{8} * 1024 * 1024;  ///< past that nothing is taken
    std::size_t under_way = 1024;                      ///< sent and not answered
    std::chrono::milliseconds patience{10'000};        ///< then it is given up
  };

  struct Outgoing {
    std::uint64_t sequence;  ///< rises from append to append
    std::uint64_t previous;  ///< of the last one before it in the room that is not answered; 0: none
    const Item* item;        ///< good until it is answered or given up
  };

  /// `first`: the sequence of the first append.
  explicit AppendQueue(const Limits& limits, std::uint64_t first = 1)
      : limits_(limits), first_(first), unsent_(first) {}

  /// False if too much waits.
  bool push(std::string_view room, Item item, std::size_t bytes, TimePoint now) {
    if (bytes_ + bytes > limits_.bytes && size_ > 0) return false;
    if (entries_.empty()) last_of_room_.clear();
    if (last_of_room_.size() == kMostNames) {
      boost::unordered::erase_if(last_of_room_, [this](const auto& last_one) { return waiting(last_one.second) == 0; });
    }
    const std::uint64_t sequence = end();
    auto last = last_of_room_.find(room);
    if (last == last_of_room_.end()) last = last_of_room_.emplace(std::string(room), 0).first;
    const std::uint64_t previous = std::exchange(last->second, sequence);
    entries_.push_back({std::move(item), previous, bytes, now + limits_.patience, false});
    bytes_ += bytes;
    ++size_;
    return true;
  }

  /// The next to be sent, while the link is up; to be called until there is nothing.
  std::optional<Outgoing> next() {
    const std::uint64_t sequence = upcoming();
    if (sequence == end()) return std::nullopt;
    if (again_.erase(sequence) == 0) ++unsent_;
    under_way_.push_back(sequence);
    Entry& entry = at(sequence);
    entry.previous = waiting(entry.previous);
    return Outgoing{sequence, entry.previous, &*entry.item};
  }

  /// What `next` will give; null if there is nothing.
  const Item* peek() {
    const std::uint64_t sequence = upcoming();
    return sequence == end() ? nullptr : &*at(sequence).item;
  }

  /// The oldest that is under way; null if it has been given up.
  Item* oldest_under_way() {
    Entry& entry = at(under_way_.front());
    return entry.item ? &*entry.item : nullptr;
  }

  // The oldest that is under way is answered. Nothing if it had been given up.

  /// The store has it, or will not have it.
  std::optional<Item> answered() {
    const std::uint64_t sequence = take_under_way();
    std::optional<Item> item = std::exchange(at(sequence).item, std::nullopt);
    finish(sequence);
    return item;
  }

  /// The store has not looked at it, or will have another one first: it is sent again.
  void out_of_order() {
    const std::uint64_t sequence = take_under_way();
    if (at(sequence).item) {
      again_.insert(sequence);
    } else {
      finish(sequence);
    }
  }

  /// The link is gone, and with it the answers.
  void lost() {
    while (!under_way_.empty()) out_of_order();
  }

  /// Those that have waited for too long, oldest first; they may have been appended.
  std::vector<Item> expire(TimePoint now) {
    std::vector<Item> given_up;
    const std::uint64_t past = end();
    for (std::uint64_t sequence = first_; sequence < past && at(sequence).until <= now; ++sequence) {
      if (!at(sequence).item) continue;
      given_up.push_back(*std::exchange(at(sequence).item, std::nullopt));
      // The answer to one that is under way is still to come.
      if (sequence >= unsent_ || again_.erase(sequence) > 0) finish(sequence);
    }
    return given_up;
  }

  /// When `expire` will have something to give up.
  std::optional<TimePoint> next_deadline() const {
    const auto waits =
        std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.item.has_value(); });
    return waits == entries_.end() ? std::nullopt : std::optional(waits->until);
  }

  /// Past all sequences that there have been.
  std::uint64_t end() const noexcept { return first_ + entries_.size(); }
  std::size_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t under_way() const noexcept { return under_way_.size(); }

 private:
  struct Entry {
    std::optional<Item> item;  // none: given up
    std::uint64_t previous;
    std::size_t bytes;
    TimePoint until;
    bool is_finished;
  };

  static constexpr std::size_t kMostNames = 65'536;  // of rooms, before those that nothing waits for are forgotten

  /// `end` if there is nothing, or enough is under way.
  std::uint64_t upcoming() {
    if (under_way_.size() == limits_.under_way) return end();
    if (!again_.empty()) return *again_.begin();
    while (unsent_ < end() && is_gone(unsent_)) ++unsent_;
    return unsent_;
  }
  Entry& at(std::uint64_t sequence) { return entries_[sequence - first_]; }
  bool is_gone(std::uint64_t sequence) const { return sequence < first_ || entries_[sequence - first_].is_finished; }
  /// The last one up to this in its room that is not answered; 0: none. One that is may have been refused while those
  /// before it wait.
  std::uint64_t waiting(std::uint64_t sequence) const {
    while (sequence >= first_ && is_gone(sequence)) sequence = entries_[sequence - first_].previous;
    return sequence < first_ ? 0 : sequence;
  }
  std::uint64_t take_under_way() {
    const std::uint64_t sequence = under_way_.front();
    under_way_.pop_front();
    return sequence;
  }
  void finish(std::uint64_t sequence) {
    at(sequence).is_finished = true;
    bytes_ -= at(sequence).bytes;
    --size_;
    for (; !entries_.empty() && entries_.front().is_finished; ++first_) entries_.pop_front();
    unsent_ = std::max(unsent_, first_);
  }

  const Limits limits_;
  std::deque<Entry> entries_;            // by sequence; those that are not finished, and some that are
  std::uint64_t first_;                  // sequence of the first of them
  std::uint64_t unsent_;                 // from this one on they have never been sent
  std::set<std::uint64_t> again_;        // those before it that are to be sent again
  std::deque<std::uint64_t> under_way_;  // in the order in which they were sent
  boost::unordered_flat_map<std::string, std::uint64_t, protocol::NameHash, std::equal_to<>> last_of_room_;
  std::size_t bytes_ = 0;
  std::size_t size_ = 0;
};

}  // namespace hearth::history
