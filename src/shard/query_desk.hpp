#pragma once

#include "net/wakeup.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Where other threads ask a shard for what it alone may look at. Questions only read, and the thread that waits for an
/// answer at its own desk answers the questions that come in meanwhile: two shards can ask each other at the same time.
class QueryDesk {
 public:
  using Question = std::function<void()>;

  explicit QueryDesk(std::shared_ptr<net::Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}

  /// From any thread: has `question` run on the shard's. False if the shard is gone: it will not run.
  bool submit(Question question) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return false;
      questions_.push_back(std::move(question));
      something_.notify_all();
    }
    wakeup_->notify();
    return true;
  }

  /// From any thread: makes `serve_until` look again.
  void notify() {
    const std::lock_guard lock(mutex_);
    something_.notify_all();
  }

  /// The shard's thread: answers what there is.
  void serve() {
    std::unique_lock lock(mutex_);
    serve(lock);
  }

  /// The shard's thread: answers what comes until `done()`.
  template <class Done>
  void serve_until(Done done) {
    std::unique_lock lock(mutex_);
    for (;;) {
      serve(lock);
      if (done()) return;
      something_.wait(lock);
    }
  }

  /// The shard's thread: answers what comes for so long.
  void serve_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    serve(lock);
    something_.wait_for(lock, time);
    serve(lock);
  }

  /// Before this, and after `close`, no question is taken.
  void open() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
  }

  /// The shard's thread: answers what there is and takes nothing more.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    serve(lock);
  }

 private:
  void serve(std::unique_lock<std::mutex>& lock) {
    while (!questions_.empty()) {
      std::vector<Question> questions;
      questions.swap(questions_);
      lock.unlock();
      for (const Question& question : questions) question();
      lock.lock();
    }
  }

  const std::shared_ptr<net::Wakeup> wakeup_;
  std::mutex mutex_;
  std::condition_variable something_;
  std::vector<Question> questions_;
  bool closed_ = true;
};

}  // namespace hearth::shard
