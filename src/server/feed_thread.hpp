#pragma once

#include "hearth/broker.hpp"
#include "history/feeds.hpp"
#include "shard/feed_desk.hpp"
#include "shard/switchboard.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hearth::server {

/// The feeds of a server's rooms, on a thread of their own, between the broker and the shards. Does nothing until it is
/// started, and after it is stopped.
class FeedThread final : public shard::FeedDesk, private history::FeedsSink {
 public:
  FeedThread(const Options& options, const shard::Switchboard& switchboard);
  ~FeedThread() override;
  FeedThread(const FeedThread&) = delete;
  FeedThread& operator=(const FeedThread&) = delete;

  /// Before the broker is. The history outlives the thread.
  void start(History& history);
  void stop();

  // From any thread:

  void publication(PublicationPtr publication);
  void subscribed(std::span<const BrokerAddress> addresses);

  // shard::FeedDesk
  void open(std::string room, history::Opener opener) override;
  void close(std::string room, history::Opener opener) override;
  void confirm(std::string room, history::Opener opener, std::uint32_t number) override;

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

  void run();
  void ask(history::Feeds& feeds);
  template <class Say>
  void tell(const history::Opener& to, Say say);

  const Options& options_;
  const shard::Switchboard& switchboard_;
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  History* history_ = nullptr;
  std::thread thread_;
};

}  // namespace hearth::server
