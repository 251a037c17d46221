#pragma once

#include "net/wakeup.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace hearth::shard {

/// How many mailboxes hold more than they should. While any does, no shard reads from sockets: what makes the load
/// waits instead of the queue growing. One for all servers of the process, since one's shards may be what fills
/// another's mailboxes. From any thread.
class Congestion {
 public:
  static Congestion& of_process();

  /// Who is to be woken when it ends.
  void add(std::shared_ptr<net::Wakeup> wakeup);
  void remove(const std::shared_ptr<net::Wakeup>& wakeup) noexcept;

  bool any() const noexcept { return over_.load(std::memory_order_relaxed) > 0; }
  void begin() noexcept { over_.fetch_add(1, std::memory_order_relaxed); }
  void end() {
    if (over_.fetch_sub(1, std::memory_order_relaxed) == 1) wake();
  }

 private:
  void wake();

  std::atomic<int> over_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<net::Wakeup>> wakeups_;
};

}  // namespace hearth::shard
