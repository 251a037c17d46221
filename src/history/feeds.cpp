#include "history/feeds.hpp"

#include "history/lineage.hpp"
#include "protocol/mistake.hpp"

#include <algorithm>
#include <utility>

namespace hearth::history {

using protocol::made;
using protocol::Mistake;

/// Says what one feed says to everybody who opened it.
class Feeds::Fan final : public FeedListener {
 public:
  Fan(FeedsSink& sink, const Room& room) noexcept : sink_(sink), room_(room) {}

  void opened(const Position& position, const LogTopPtr& log) override {
    for (const Subscriber& to : room_.subscribers) sink_.opened(to.opener, position, log);
  }
  void publication(const PublicationPtr& publication) override {
    for (const Subscriber& to : room_.subscribers) sink_.publication(to.opener, publication);
  }
  void lineage(const LogTopPtr& log) override {
    for (const Subscriber& to : room_.subscribers) sink_.lineage(to.opener, log);
  }
  void reset(Reason reason, const Position& position, const LogTopPtr& log) override {
    for (const Subscriber& to : room_.subscribers) sink_.reset(to.opener, reason, position, log);
  }

 private:
  FeedsSink& sink_;
  const Room& room_;
};

Feeds::Feeds(FeedsSink& sink, const Options& options, TimePoint now)
    : sink_(sink),
      options_(options),
      bucket_(std::chrono::nanoseconds(options.position_check) / kBucketsACheck),
      chance_(options.seed),
      origin_(now) {}

Feeds::~Feeds() = default;

void Feeds::open(std::string_view name, const Opener& opener, TimePoint now) {
  Room* room = room_named(name);
  if (room == nullptr) {
    auto made_room = std::make_unique<Room>(name, budget_);
    room = made_room.get();
    rooms_.emplace(room->name, std::move(made_room));
    all_.push_back(*room);
    room->heard = now;
    check_later(*room, now);
  }
  room->subscribers.push_back({opener});
  if (room->feed.has_position()) sink_.opened(opener, room->feed.position(), room->feed.log());
  settle(*room);
}

void Feeds::close(std::string_view name, const Opener& opener) {
  Room* room = room_named(name);
  if (room == nullptr) return;
  std::erase_if(room->subscribers, [&](const Subscriber& subscriber) { return subscriber.opener == opener; });
  if (!room->subscribers.empty()) return;
  if (room->counted_blind) --blind_;
  rooms_.erase(room->name);
}

void Feeds::confirm(std::string_view name, const Opener& opener, std::uint32_t number) {
  Room* room = room_named(name);
  if (room == nullptr) return;
  for (Subscriber& subscriber : room->subscribers) {
    if (subscriber.opener == opener) subscriber.wanted = number;
  }
  room->feed.want_read();
  settle(*room);
}

void Feeds::subscribed(std::string_view name) {
  Room* room = room_named(name);
  if (room == nullptr) return;
  room->feed.subscribed();
  settle(*room);
}

void Feeds::lost() {
  for (Room& room : all_) {
    room.feed.lost();
    settle(room);
  }
}

void Feeds::store_changed() {
  for (Room& room : all_) {
    room.feed.store_changed();
    settle(room);
  }
}

void Feeds::publication(const PublicationPtr& publication, TimePoint now) {
  Room* room = room_named(publication->room());
  if (room == nullptr) return;
  Fan fan(sink_, *room);
  room->heard = now;
  room->feed.publication(publication, fan);
  settle(*room);
}

std::optional<Feeds::Read> Feeds::next_read() {
  if (reads_.empty() || reads_under_way_ == kMostReads) return std::nullopt;
  Room& room = reads_.front();
  reads_.pop_front();
  room.feed.begin_read();
  for (Subscriber& subscriber : room.subscribers) subscriber.asked = subscriber.wanted;
  room.read = ++next_number_;
  ++reads_under_way_;
  const bool is_first = !room.feed.has_position();
  return Read{room.name, room.feed.position().offset, is_first ? 0 : kReadCount, room.read};
}

void Feeds::page(const Read& read, const Result<LogPage>& result, TimePoint now) {
  --reads_under_way_;
  Room* room = room_named(read.room);
  if (room == nullptr || room->read != read.number) return;  // given up since, and perhaps opened again
  room->read = 0;
  if (!result || !is_sound(result->log)) {
    room->feed.read_failed();
    return retry_later(*room, now);
  }
  Fan fan(sink_, *room);
  room->heard = now;
  const bool was_current = room->feed.page(*result, fan);
  confirm_all(*room);
  if (!was_current && !room->feed.wants_read()) {
    room->feed.want_read();
    return retry_later(*room, now);
  }
  settle(*room);
}

void Feeds::confirm_all(Room& room) {
  for (Subscriber& subscriber : room.subscribers) {
    if (subscriber.asked == subscriber.answered) continue;
    subscriber.answered = subscriber.asked;
    sink_.confirmed(subscriber.opener, subscriber.answered, room.feed.log());
  }
}

std::vector<std::string> Feeds::next_tops(TimePoint now) {
  std::vector<std::string> rooms;
  if (tops_under_way_ || now < tops_pause_) return rooms;
  while (!tops_.empty() && rooms.size() < kTopsCount) {
    Room& room = tops_.front();
    tops_.pop_front();
    if (!room.feed.may_take_top()) {
      check_later(room, now);
      continue;
    }
    room.feed.begin_top();
    rooms.push_back(room.name);
  }
  tops_under_way_ = !rooms.empty();
  return rooms;
}

void Feeds::tops(std::span<const std::string> rooms, const Result<std::vector<LogTop>>& result, TimePoint now) {
  tops_under_way_ = false;
  const bool is_good = result && result->size() == rooms.size();
  const auto is_told_of = [&](std::size_t i) { return is_good && is_told((*result)[i]); };
  if (!is_good) tops_pause_ = now + kRetryPause;
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    Room* room = room_named(rooms[i]);
    // One that was given up and opened again since has asked for nothing.
    if (room == nullptr || room->feed.may_take_top() || !room->feed.has_position()) continue;
    if (is_told_of(i)) {
      room->feed.top((*result)[i]);
      room->heard = now;
      check_later(*room, now);
    } else {
      tops_pause_ = now + kRetryPause;
      room->feed.top_failed();
      check_now(*room);
    }
    settle(*room);
  }
}

void Feeds::advance(TimePoint now) {
  while (!retries_.empty() && retries_.front().retry <= now) {
    Room& room = retries_.front();
    retries_.pop_front();
    reads_.push_back(room);
  }
  turn_wheel(now);
}

TimePoint Feeds::next_deadline() const noexcept {
  TimePoint next = origin_ + (turn_ + 1) * bucket_;
  if (!retries_.empty()) next = std::min(next, retries_.front().retry);
  if (!tops_.empty() && !tops_under_way_) next = std::min(next, tops_pause_);
  return next;
}

const Feed* Feeds::find(std::string_view name) const {
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? nullptr : &found->second->feed;
}

Feeds::Room* Feeds::room_named(std::string_view name) {
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? nullptr : found->second.get();
}

/// Queues what a feed has come to want.
void Feeds::settle(Room& room) {
  const bool is_queued = room.Hook<ForRead>::is_linked();
  if (room.feed.wants_read() && !is_queued) reads_.push_back(room);
  if (!room.feed.wants_read() && is_queued) room.Hook<ForRead>::unlink();
  if (room.feed.wants_top()) check_now(room);
  const bool is_blind = room.feed.mode() == Feed::Mode::blind;
  if (is_blind != room.counted_blind) {
    room.counted_blind = is_blind;
    is_blind ? ++blind_ : --blind_;
  }
}

void Feeds::retry_later(Room& room, TimePoint now) {
  room.Hook<ForRead>::unlink();
  room.retry = now + kRetryPause;
  retries_.push_back(room);
  settle(room);
}

void Feeds::check_now(Room& room) {
  room.Hook<ForCheck>::unlink();
  tops_.push_back(room);
}

void Feeds::check_later(Room& room, TimePoint now) {
  room.Hook<ForCheck>::unlink();
  const TimePoint due = std::max(room.heard + jittered_check(), now);
  const auto turn = static_cast<std::uint64_t>((due - origin_) / bucket_);
  wheel_[std::clamp(turn, turn_ + 1, turn_ + kBuckets - 1) % kBuckets].push_back(room);
}

void Feeds::turn_wheel(TimePoint now) {
  const auto until = static_cast<std::uint64_t>((now - origin_) / bucket_);
  if (until > turn_ + kBuckets) turn_ = until - kBuckets;  // the process was stopped for a while
  while (turn_ < until) {
    List<ForCheck> due;
    due.swap(wheel_[++turn_ % kBuckets]);
    while (!due.empty()) {
      Room& room = due.front();
      const bool was_silent = now - room.heard >= options_.position_check * 4 / 5;
      if (was_silent && !made(Mistake::feed_never_checks_position)) {
        check_now(room);
      } else {
        check_later(room, now);
      }
    }
  }
}

/// 80 to 120 % of the interval, so that the rooms of a node do not all come at once.
std::chrono::milliseconds Feeds::jittered_check() {
  constexpr std::uint64_t kParts = 401;
  chance_ = chance_ * 6364136223846793005ULL + 1442695040888963407ULL;  // Knuth's, of MMIX
  return options_.position_check * static_cast<std::int64_t>(800 + (chance_ >> 33U) % kParts) / 1000;
}

}  // namespace hearth::history
