#pragma once

#include "net/wakeup.hpp"

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace hearth::load {

/// What other threads leave for one to do.
class TaskQueue {
 public:
  using Task = std::function<void()>;

  /// `wakeup` is what the thread waits for.
  explicit TaskQueue(const net::Wakeup& wakeup) : wakeup_(wakeup) {}

  /// From any thread.
  void post(Task task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wakeup_.notify();
  }

  /// Does what has been left, in order; what is left meanwhile, next time.
  void run() {
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (const Task& task : tasks) task();
  }

 private:
  const net::Wakeup& wakeup_;
  std::mutex mutex_;
  std::vector<Task> tasks_;  // guarded by mutex_
};

}  // namespace hearth::load
