#include "redis/io_thread.hpp"

#include <exception>
#include <utility>

namespace hearth::redis {

IoThread::IoThread(Report report) : report_(std::move(report)), work_(io_.get_executor()) {}

IoThread::~IoThread() {
  end();
  join();
  if (thread_.joinable()) thread_.detach();
}

void IoThread::start(std::shared_ptr<void> keep) {
  const std::lock_guard lock(joining_);
  thread_ = std::thread([this, kept = std::move(keep)] { run(); });
}

void IoThread::end() {
  if (!ended_.exchange(true)) work_.reset();
}

void IoThread::join() {
  if (is_current()) return;
  const std::lock_guard lock(joining_);  // whoever comes second waits for the first
  if (!thread_.joinable()) return;
  thread_.join();
  id_ = std::thread::id();  // another thread may have it from now on
}

void IoThread::run() {
  id_ = std::this_thread::get_id();
  for (;;) {
    std::string what = "something that is no std::exception";
    try {
      io_.run();
      break;
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
    }
    try {
      report_(what);
    } catch (...) {
      // Nobody is left who could be told.
    }
  }
}

}  // namespace hearth::redis
