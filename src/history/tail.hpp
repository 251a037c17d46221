#pragma once

#include "hearth/publication.hpp"
#include "history/ring.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hearth::history {

class Tail;

/// Bounds the bytes of all tails of a shard: the oldest publication of all goes first, whosever it is. Outlives them.
class TailBudget {
 public:
  explicit TailBudget(std::size_t most_bytes) noexcept : most_(most_bytes) {}
  TailBudget(const TailBudget&) = delete;
  TailBudget& operator=(const TailBudget&) = delete;

  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t notes() const noexcept { return by_age_.size(); }

 private:
  friend class Tail;

  /// A tail as the notes name it; its place is used again once there are no notes of a tail that is gone.
  struct Slot {
    Tail* tail = nullptr;
    std::size_t notes = 0;
    std::size_t stale = 0;  // the oldest so many notes are of publications that have gone already
  };

  std::uint32_t enter(Tail& tail);
  void leave(std::uint32_t slot);
  void added(std::uint32_t slot, std::size_t bytes);
  void dropped(std::uint32_t slot, std::size_t bytes);
  bool take_stale(std::uint32_t slot);
  void compact();

  const std::size_t most_;
  std::size_t bytes_ = 0;
  std::size_t stale_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  Ring<std::uint32_t> by_age_;  // one note a publication: the slot of its tail
};

/// The last publications of a room as a shard has passed them on, without a hole; so that most who come back need no
/// read.
class Tail {
 public:
  Tail(TailBudget& budget, std::size_t most) : budget_(budget), most_(most), slot_(budget.enter(*this)) {}
  ~Tail() {
    clear();
    budget_.leave(slot_);
  }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  /// The one after the last.
  void push(const PublicationPtr& publication);
  void clear();
  void forget_older(std::int64_t time_ms);
  /// What comes after an offset, or the first piece of it; nothing if the tail does not reach back so far.
  std::span<const PublicationPtr> after(std::uint64_t offset) const noexcept;
  std::size_t size() const noexcept { return ring_.size(); }

 private:
  friend class TailBudget;
  void drop_oldest();

  TailBudget& budget_;
  const std::size_t most_;
  Ring<PublicationPtr> ring_;
  const std::uint32_t slot_;
};

}  // namespace hearth::history
