#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace hearth::redis {

/// An io_context and the thread that runs it. An exception out of what runs there ends nothing: it is reported, on that
/// thread, and the thread goes on.
class IoThread {
 public:
  using Report = std::function<void(const std::string& what)>;

  explicit IoThread(Report report);
  /// Ends and joins it. On the thread itself it only lets go of it: the object is then kept by `keep` until the end.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  boost::asio::io_context::executor_type executor() noexcept { return io_.get_executor(); }
  /// Once. `keep` is let go of when the thread ends.
  void start(std::shared_ptr<void> keep = {});
  /// From now on the thread ends when nothing is left to do. Any thread, any number of times.
  void end();
  /// Waits until it has ended. Any thread, any number of times; returns at once on the thread itself, and if it has not
  /// been started.
  void join();
  bool is_current() const noexcept { return std::this_thread::get_id() == id_.load(); }

 private:
  void run();

  const Report report_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;  // until ended_
  std::atomic<bool> ended_{false};
  std::atomic<std::thread::id> id_{};  // from its first step until it is joined
  std::mutex joining_;                 // of thread_
  std::thread thread_;
};

}  // namespace hearth::redis
