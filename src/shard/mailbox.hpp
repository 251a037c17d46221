#pragma once

#include "net/deadline_list.hpp"
#include "net/wakeup.hpp"
#include "shard/congestion.hpp"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hearth::shard {

/// What other threads leave for a shard, in the order in which each left it. Many post, one takes.
template <class Item>
class Mailbox {
 public:
  /// Bytes past which threads that can wait do, and shards stop reading.
  static constexpr std::size_t kHighWater = std::size_t{8} * 1024 * 1024;

  Mailbox(std::shared_ptr<net::Wakeup> wakeup, Congestion& congestion,
          net::Clock::time_point (*clock)() noexcept = &net::Clock::now)
      : wakeup_(std::move(wakeup)), congestion_(congestion), clock_(clock) {}

  /// Leaves an item of about `bytes`. `may_wait`: the calling thread can be held up while the mailbox is over its
  /// limit; never a shard's, which might be waited for itself.
  /// False if it is closed: the item is gone.
  bool post(Item item, std::size_t bytes, bool may_wait) {
    {
      std::unique_lock lock(mutex_);
      if (may_wait) room_.wait(lock, [this] { return bytes_ <= kHighWater || closed_; });
      if (closed_) return false;
      items_.push_back(std::move(item));
      const bool was_over = bytes_ > kHighWater;
      bytes_ += bytes;
      if (!was_over && bytes_ > kHighWater) congestion_.begin();
      if (items_.size() > 1) return true;  // whoever posted the first has woken it
      since_ = clock_();
    }
    wakeup_->notify();
    return true;
  }

  /// Swaps everything there is into `items`, which is empty. Since when the first of them has been there.
  net::Clock::time_point take(std::vector<Item>& items) {
    const std::lock_guard lock(mutex_);
    items.swap(items_);
    relieve();
    return since_;
  }

  /// Before this, and after `close`, what is posted is gone.
  void open() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    items_.clear();
    relieve();
  }

 private:
  void relieve() {
    const bool was_over = std::exchange(bytes_, 0) > kHighWater;
    if (was_over) congestion_.end();
    if (was_over || closed_) room_.notify_all();
  }

  const std::shared_ptr<net::Wakeup> wakeup_;
  Congestion& congestion_;
  net::Clock::time_point (*const clock_)() noexcept;
  std::mutex mutex_;
  std::condition_variable room_;
  std::vector<Item> items_;
  std::size_t bytes_ = 0;
  net::Clock::time_point since_{};  // of the first item
  bool closed_ = true;
};

}  // namespace hearth::shard
