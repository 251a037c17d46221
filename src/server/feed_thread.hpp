#pragma once

#include "hearth/broker.hpp"
#include "hearth/metrics.hpp"
#include "history/acked_rooms.hpp"
#include "history/feeds.hpp"
#include "shard/feed_desk.hpp"
#include "shard/switchboard.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::server {

/// The feeds of a server's rooms, on a thread of their own, between the broker and the shards. Does nothing until it is
/// started, and after it is stopped.
class FeedThread final : public shard::FeedDesk, private history::FeedsSink {
 public:
  /// Told, on the thread, what logs have lost of what this instance had appended.
  using OnRollback = std::function<void(const history::Rollback&)>;

  FeedThread(const Options& options, const shard::Switchboard& switchboard);
  ~FeedThread() override;
  FeedThread(const FeedThread&) = delete;
  FeedThread& operator=(const FeedThread&) = delete;

  /// Before the broker is. The history outlives the thread. Without `on_rollback` nobody looks for what is lost.
  void start(History& history, OnRollback on_rollback);
  void stop();

  // From any thread:

  void publication(PublicationPtr publication);
  void subscribed(std::span<const BrokerAddress> addresses);
  void lost();
  void store_changed();
  /// But for `unrecorded`.
  HistoryMetrics metrics() const;

  // shard::FeedDesk
  void open(std::string room, history::Opener opener) override;
  void close(std::string room, history::Opener opener) override;
  void confirm(std::string room, history::Opener opener, std::uint32_t number) override;
  void acked(std::string_view room, const Position& position) override;

 private:
  using Work = std::function<void(history::Feeds&)>;

  /// Items past which publications are not kept: the log has them.
  static constexpr std::size_t kMostWork = 65'536;

  /// What waits for the thread. Answers of the log hold on to it, and may come when the thread is gone.
  struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Work> work;
    bool missed = false;  // a publication found no place
    bool closed = true;

    void push(Work item);
    void push_if_short(Work item);
  };

  // history::FeedsSink
  void opened(const history::Opener& to, const Position& position, const history::LogTopPtr& log) override;
  void publication(const history::Opener& to, const PublicationPtr& publication) override;
  void lineage(const history::Opener& to, const history::LogTopPtr& log) override;
  void reset(const history::Opener& to, history::Reason reason, const Position& position,
             const history::LogTopPtr& log) override;
  void confirmed(const history::Opener& to, std::uint32_t number, const history::LogTopPtr& log) override;

  struct Figures {
    std::atomic<std::uint64_t> rooms{0};
    std::atomic<std::uint64_t> blind{0};
    std::atomic<std::uint64_t> publications{0};
    std::atomic<std::uint64_t> reads{0};
    std::atomic<std::uint64_t> resets{0};
    std::atomic<std::uint64_t> rolled_back{0};
  };

  void run();
  void ask(history::Feeds& feeds);
  void compare_acked();
  void compared_acked(const std::vector<std::string>& rooms, const Result<std::vector<LogTop>>& tops);
  template <class Say>
  void tell(const history::Opener& to, Say say);

  const Options& options_;
  const shard::Switchboard& switchboard_;
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  History* history_ = nullptr;
  OnRollback on_rollback_;
  Figures figures_;
  std::thread thread_;

  // the thread's own
  history::AckedRooms acked_;
  bool comparing_ = false;             // tops of acked rooms are asked for
  history::TimePoint compare_from_{};  // not before, when some could not be told
};

}  // namespace hearth::server
