#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace hearth::history {

/// A queue in one piece of memory, which grows by a quarter when it is full and never gives back less than all.
template <class T>
class Ring {
 public:
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T& front() noexcept { return slots_[first_]; }
  const T& front() const noexcept { return slots_[first_]; }
  const T& operator[](std::size_t index) const noexcept { return slots_[(first_ + index) % slots_.size()]; }

  void push(T item) {
    if (size_ == slots_.size()) grow();
    slots_[(first_ + size_) % slots_.size()] = std::move(item);
    ++size_;
  }

  T pop() {
    T item = std::exchange(slots_[first_], T());
    first_ = (first_ + 1) % slots_.size();
    --size_;
    return item;
  }

  void clear() {
    slots_ = {};
    first_ = size_ = 0;
  }

  /// The items from an index on, as far as they lie in one piece.
  std::span<const T> from(std::size_t index) const noexcept {
    if (index >= size_) return {};
    const std::size_t at = (first_ + index) % slots_.size();
    return {slots_.data() + at, std::min(size_ - index, slots_.size() - at)};
  }

 private:
  void grow() {
    std::vector<T> slots(size_ + size_ / 4 + 4);
    for (std::size_t i = 0; i < size_; ++i) slots[i] = std::move(slots_[(first_ + i) % slots_.size()]);
    slots_ = std::move(slots);
    first_ = 0;
  }

  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace hearth::history
