#pragma once

#include "hearth/publication.hpp"
#include "hearth/watch.hpp"
#include "log/log.hpp"
#include "shard/publication.hpp"
#include "shard/token_bucket.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth {
class Broker;
}

namespace hearth::shard {

class Watches;

/// One that watches a room: what its callback is still to be called for, and calls it, on the executor. From any
/// thread.
class Watcher : public std::enable_shared_from_this<Watcher> {
 public:
  using Callback = std::function<void(const WatchedPublication&)>;

  /// Bytes that may wait for the callback.
  static constexpr std::size_t kMostBytes = std::size_t{4} * 1024 * 1024;

  Watcher(std::string room, Callback callback, const WatchOptions& options, boost::asio::any_io_executor executor,
          log::Log log, std::weak_ptr<Watches> of);

  const std::string& room() const noexcept { return room_; }
  std::uint64_t skipped() const noexcept { return skipped_; }
  /// A copy of it is handed over, unless there is too much.
  void offer(const WatchedPublication& publication);
  /// Calls no more, and waits for a call that is under way on another thread.
  void end();

 private:
  struct Item {
    std::string event;
    std::string data;
    std::string from;
    Position position;
    std::uint64_t skipped;
    std::size_t size() const noexcept { return sizeof(Item) + event.size() + data.size() + from.size(); }
  };

  void hand_over();
  void call(const Item& item) const;

  const std::string room_;
  const Callback callback_;
  const WatchOptions options_;
  const Rate rate_;
  const boost::asio::any_io_executor executor_;
  const log::Log log_;
  const std::weak_ptr<Watches> of_;
  std::atomic<std::uint64_t> skipped_{0};

  std::mutex mutex_;  // of all below
  std::condition_variable called_;
  TokenBucket bucket_;
  std::deque<Item> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t skipped_since_ = 0;  // the last that was taken
  bool is_posted_ = false;           // hand_over is to run, or runs
  bool ended_ = false;
  std::thread::id calling_{};
};

/// Who watches which rooms of a server. Costs a look at a flag for each publication while nobody does. From any thread.
class Watches : public std::enable_shared_from_this<Watches> {
 public:
  explicit Watches(std::shared_ptr<Broker> broker) : broker_(std::move(broker)) {}

  /// Whether anybody watches anything.
  bool any() const noexcept { return any_.load(std::memory_order_relaxed); }
  /// Every publication that comes by here, once.
  void see(const Publication& publication);
  void see(const StoredPublication& publication);

  /// Before this, and after `close`, nobody watches.
  void open();
  void close();
  /// Null if nobody may watch now.
  std::shared_ptr<Watcher> add(std::string_view room, Watcher::Callback callback, const WatchOptions& options,
                               const boost::asio::any_io_executor& executor, const log::Log& log);
  void remove(const std::shared_ptr<Watcher>& watcher);

 private:
  std::vector<std::shared_ptr<Watcher>> of(std::string_view room) const;
  void unsubscribe(std::string_view room) const noexcept;

  const std::shared_ptr<Broker> broker_;
  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;  // of those below
  bool is_open_ = false;
  std::multimap<std::string, std::shared_ptr<Watcher>, std::less<>> watchers_;  // by room
};

}  // namespace hearth::shard
