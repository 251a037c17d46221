#pragma once

#include "net/deadline_list.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace hearth::net {

/// Keys that each wait for a time of their own. What is not wanted any more stays until its time: whoever takes it out
/// knows. For the few things for which a DeadlineList, whose items wait equally long, does not do.
template <class Key>
class DeadlineHeap {
 public:
  struct Entry {
    TimePoint time;
    Key key;
  };

  void push(TimePoint time, Key key) {
    heap_.push_back({time, std::move(key)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  std::optional<TimePoint> next() const noexcept {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().time);
  }

  /// Takes out the first whose time is over.
  std::optional<Entry> pop(TimePoint now) {
    if (heap_.empty() || heap_.front().time > now) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    return entry;
  }

  std::size_t size() const noexcept { return heap_.size(); }

 private:
  static bool later(const Entry& a, const Entry& b) noexcept { return a.time > b.time; }

  std::vector<Entry> heap_;
};

}  // namespace hearth::net
