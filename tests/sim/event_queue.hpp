#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hearth::sim {

using Micros = std::int64_t;

constexpr Micros kMilli = 1000;
constexpr Micros kSecond = 1'000'000;

/// What is to happen: a kind, and what its handler wants to know.
struct Event {
  Micros at = 0;
  std::uint64_t order = 0;  ///< of those at one time, the one that was planned first
  std::uint32_t kind = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
};

class EventQueue {
 public:
  bool empty() const noexcept { return heap_.empty() && next_planned_ == planned_.size(); }
  Micros next_time() const noexcept { return planned_comes_first() ? planned_[next_planned_].at : heap_.front().at; }

  /// Before the first is taken: what is known from the beginning, which costs less.
  void plan(Event event) {
    event.order = ++orders_;
    planned_.push_back(event);
  }
  void start() { std::sort(planned_.begin(), planned_.end(), Earlier()); }

  void add(Event event) {
    event.order = ++orders_;
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), Later());
  }
  /// Once more, behind all that is planned for that time.
  void postpone(Event event, Micros until) {
    event.at = until;
    add(event);
  }

  Event take() {
    if (planned_comes_first()) return planned_[next_planned_++];
    std::pop_heap(heap_.begin(), heap_.end(), Later());
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  struct Earlier {
    bool operator()(const Event& one, const Event& other) const noexcept {
      return one.at != other.at ? one.at < other.at : one.order < other.order;
    }
  };
  struct Later {
    bool operator()(const Event& one, const Event& other) const noexcept { return Earlier()(other, one); }
  };

  bool planned_comes_first() const noexcept {
    return next_planned_ < planned_.size() && (heap_.empty() || Earlier()(planned_[next_planned_], heap_.front()));
  }

  std::vector<Event> planned_;
  std::size_t next_planned_ = 0;
  std::vector<Event> heap_;
  std::uint64_t orders_ = 0;
};

}  // namespace hearth::sim
