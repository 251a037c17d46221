#include "server/feed_thread.hpp"

#include "history/lineage.hpp"
#include "shard/shard.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace hearth::server {

using history::Feeds;
using history::TimePoint;
using Clock = std::chrono::steady_clock;

void FeedThread::Queue::push(Work item) {
  {
    const std::lock_guard lock(mutex);
    if (closed) return;
    work.push_back(std::move(item));
    if (work.size() > 1) return;  // whoever pushed the first has woken it
  }
  changed.notify_one();
}

void FeedThread::Queue::push_if_short(Work item) {
  {
    const std::lock_guard lock(mutex);
    if (work.size() >= kMostWork) {
      missed = true;
      return;
    }
  }
  push(std::move(item));
}

FeedThread::FeedThread(const Options& options, const shard::Switchboard& switchboard)
    : options_(options), switchboard_(switchboard) {}

FeedThread::~FeedThread() { stop(); }

void FeedThread::start(History& history, OnRollback on_rollback) {
  history_ = &history;
  on_rollback_ = std::move(on_rollback);
  queue_->closed = false;
  thread_ = std::thread([this] { run(); });
}

void FeedThread::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->closed = true;
  }
  queue_->changed.notify_one();
  thread_.join();
}

void FeedThread::run() {
  Feeds feeds(*this, {.position_check = options_.history.position_check, .seed = std::random_device()()}, Clock::now());
  std::vector<Work> work;
  while (true) {
    bool missed = false;
    {
      std::unique_lock lock(queue_->mutex);
      queue_->changed.wait_until(lock, feeds.next_deadline(),
                                 [this] { return queue_->closed || !queue_->work.empty(); });
      if (queue_->closed) {
        queue_->work.clear();
        return;
      }
      work.swap(queue_->work);
      missed = std::exchange(queue_->missed, false);
    }
    for (const Work& item : work) {
      item(feeds);
      ask(feeds);
    }
    work.clear();
    if (missed) feeds.store_changed();  // all are to be compared with their logs
    feeds.advance(Clock::now());
    ask(feeds);
    compare_acked();
    figures_.rooms = feeds.size();
    figures_.blind = feeds.blind();
  }
}

/// Answers come over the queue, also those that are there at once.
void FeedThread::ask(Feeds& feeds) {
  while (const auto read = feeds.next_read()) {
    ++figures_.reads;
    history_->read(read->room, read->after, read->count, [queue = queue_, read = *read](Result<LogPage> page) {
      queue->push([read, page = std::move(page)](Feeds& at) { at.page(read, page, Clock::now()); });
    });
  }
  auto rooms = feeds.next_tops(Clock::now());
  if (rooms.empty()) return;
  auto asked = rooms;
  history_->tops(std::move(asked), [queue = queue_, rooms = std::move(rooms)](Result<std::vector<LogTop>> tops) {
    queue->push([rooms, tops = std::move(tops)](Feeds& at) { at.tops(rooms, tops, Clock::now()); });
  });
}

/// What this instance has appended is looked for in the logs, when there is a reason to.
void FeedThread::compare_acked() {
  if (!on_rollback_ || comparing_ || Clock::now() < compare_from_) return;
  auto rooms = acked_.next(Feeds::kTopsCount, Clock::now());
  if (rooms.empty()) return;
  comparing_ = true;
  auto asked = rooms;
  history_->tops(std::move(asked), [this, queue = queue_, rooms = std::move(rooms)](Result<std::vector<LogTop>> tops) {
    queue->push([this, rooms, tops = std::move(tops)](Feeds& /*feeds*/) { compared_acked(rooms, tops); });
  });
}

void FeedThread::compared_acked(const std::vector<std::string>& rooms, const Result<std::vector<LogTop>>& tops) {
  comparing_ = false;
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (!tops || !history::is_told((*tops)[i])) {
      acked_.failed(rooms[i]);
      compare_from_ = Clock::now() + Feeds::kRetryPause;
      continue;
    }
    for (const history::Rollback& lost : acked_.top(rooms[i], (*tops)[i])) {
      figures_.rolled_back += lost.to - lost.from + 1;
      on_rollback_(lost);
    }
  }
}

void FeedThread::acked(std::string_view room, const Position& position) {
  if (!on_rollback_ || position.offset == 0) return;
  queue_->push(
      [this, room = std::string(room), position](Feeds& /*feeds*/) { acked_.acked(room, position, Clock::now()); });
}

HistoryMetrics FeedThread::metrics() const {
  return {.rooms = figures_.rooms,
          .blind = figures_.blind,
          .publications = figures_.publications,
          .reads = figures_.reads,
          .resets = figures_.resets,
          .rolled_back = figures_.rolled_back};
}

void FeedThread::publication(PublicationPtr publication) {
  ++figures_.publications;
  queue_->push_if_short(
      [publication = std::move(publication)](Feeds& feeds) { feeds.publication(publication, Clock::now()); });
}

void FeedThread::subscribed(std::span<const BrokerAddress> addresses) {
  std::vector<std::string> rooms;
  for (const BrokerAddress& address : addresses) {
    if (address.kind == BrokerAddress::Kind::room) rooms.emplace_back(address.name);
  }
  if (rooms.empty()) return;
  queue_->push([rooms = std::move(rooms)](Feeds& feeds) {
    for (const std::string& room : rooms) feeds.subscribed(room);
  });
}

void FeedThread::lost() {
  queue_->push([](Feeds& feeds) { feeds.lost(); });
}

void FeedThread::store_changed() {
  queue_->push([this](Feeds& feeds) {
    feeds.store_changed();
    acked_.store_changed();
  });
}

void FeedThread::open(std::string room, history::Opener opener) {
  queue_->push([room = std::move(room), opener](Feeds& feeds) { feeds.open(room, opener, Clock::now()); });
}

void FeedThread::close(std::string room, history::Opener opener) {
  queue_->push([room = std::move(room), opener](Feeds& feeds) { feeds.close(room, opener); });
}

void FeedThread::confirm(std::string room, history::Opener opener, std::uint32_t number) {
  queue_->push([room = std::move(room), opener, number](Feeds& feeds) { feeds.confirm(room, opener, number); });
}

/// `say(Audience&, const Moment&)` on the opener's shard, if it has the room still.
template <class Say>
void FeedThread::tell(const history::Opener& to, Say say) {
  switchboard_.shards()[to.shard]->post(
      [ticket = to.ticket, say = std::move(say)](shard::Shard& at) { at.remembered().hear(ticket, say); }, true);
}

void FeedThread::opened(const history::Opener& to, const Position& position, const history::LogTopPtr& log) {
  tell(to, [position, log](history::Audience& audience, const history::Moment& now) {
    audience.opened(position, log, now);
  });
}

// Waits while the shard has too much to take: then the feeds of all wait, and what comes meanwhile is theirs to fetch.
void FeedThread::publication(const history::Opener& to, const PublicationPtr& publication) {
  switchboard_.shards()[to.shard]->post(shard::Passed{to.ticket, publication}, true);
}

void FeedThread::lineage(const history::Opener& to, const history::LogTopPtr& log) {
  tell(to, [log](history::Audience& audience, const history::Moment& now) { audience.lineage(log, now); });
}

void FeedThread::reset(const history::Opener& to, history::Reason reason, const Position& position,
                       const history::LogTopPtr& log) {
  ++figures_.resets;
  acked_.store_changed();
  tell(to, [reason, position, log](history::Audience& audience, const history::Moment& now) {
    audience.reset(reason, position, log, now);
  });
}

void FeedThread::confirmed(const history::Opener& to, std::uint32_t number, const history::LogTopPtr& log) {
  tell(to, [number, log](history::Audience& audience, const history::Moment& now) {
    audience.confirmed(number, log, now);
  });
}

}  // namespace hearth::server
