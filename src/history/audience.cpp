#include "history/audience.hpp"

#include "history/lineage.hpp"
#include "protocol/mistake.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hearth::history {

using protocol::made;
using protocol::Mistake;

namespace {

// Milliseconds, of which the cursors keep 32 bits: differences are what counts.
std::uint32_t ticks(const Moment& now) noexcept {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.steady.time_since_epoch());
  return static_cast<std::uint32_t>(since.count());
}

constexpr std::uint32_t kFirstAverage = 1024;   // until publications have been seen
constexpr std::size_t kMostCount = 256;         // publications a page
constexpr std::chrono::seconds kRetryPause{1};  // after a read that failed

}  // namespace

Audience::Audience(AudienceHost& host, PageReads& reads, TailBudget& tails, const Options& options)
    : host_(host),
      reads_(reads),
      options_(options),
      tail_(tails, options.tail),
      average_(kFirstAverage),
      waiting_(*this) {}

Audience::~Audience() { reads_.forget(*this); }

void Audience::opened(const Position& position, LogTopPtr log, const Moment& now) {
  is_open_ = true;
  epoch_told_ = false;
  position_ = position;
  log_ = std::move(log);
  settle_all(now);
}

void Audience::publication(const PublicationPtr& publication, const Moment& now) {
  if (!is_open_) return;
  const Position& position = publication->position();
  if (position.epoch != position_.epoch) {
    epoch_told_ = false;
    telling_.reset();
  }
  const bool tells_epoch = !epoch_told_;
  previous_ = std::exchange(position_, position);
  average_ = (average_ * 7 + static_cast<std::uint32_t>(std::min(publication->text().size(), options_.window))) / 8;
  tail_.push(publication);
  if (latest_) latest_->keep(publication);
  publishing_ = &publication;
  host_.publish(publication, tells_epoch && !made(Mistake::shard_never_tells_epoch));
  publishing_ = nullptr;
  if (tells_epoch) note_told(publication);
  for (std::size_t place = cursors_.size(); place-- > 0;) {
    const Cursor& cursor = cursors_[place];
    if (cursor.state == State::ahead && cursor.at.offset <= position_.offset) settle(place, now);
  }
}

/// Two publications of an epoch tell it to everybody if nobody is left out of both.
void Audience::note_told(const PublicationPtr& publication) {
  const auto& ids = publication->exclude();
  const auto is_left_out = [this](const std::string& id) { return telling_->excludes(id); };
  epoch_told_ = ids.empty() || (telling_ && std::none_of(ids.begin(), ids.end(), is_left_out));
  if (epoch_told_) {
    telling_.reset();
  } else if (!telling_) {
    telling_ = publication;
  }
}

void Audience::pass_over() {
  previous_ = position_;
  ++position_.offset;
}

void Audience::lineage(LogTopPtr log, const Moment& now) {
  if (!is_open_) return;
  log_ = std::move(log);
  settle_all(now);
}

void Audience::reset(Reason reason, const Position& position, LogTopPtr log, const Moment& now) {
  if (!is_open_) return;
  position_ = position;
  log_ = std::move(log);
  epoch_told_ = true;  // with the gap
  telling_.reset();
  ++resets_;
  paused_ = false;
  if (!made(Mistake::member_tail_outlives_reset)) tail_.clear();
  latest_.reset();
  host_.gap({reason, position_, top()});
  for (std::size_t place = cursors_.size(); place-- > 0;) reset_cursor(place, now);
  want_read();
}

void Audience::confirmed(std::uint32_t number, LogTopPtr log, const Moment& now) {
  if (!is_open_) return;
  confirmed_ = number;
  log_ = std::move(log);
  if (std::exchange(ask_again_, false)) host_.confirm(++asked_);
  settle_all(now);
}

void Audience::join(const Since& since, const Moment& now) {
  Cursor& cursor = cursors_.emplace_back();
  cursor.at = since.position;
  cursor.since = since.kind;
  if (since.kind == Since::Kind::last) cursor.number = static_cast<std::uint32_t>(since.position.offset);
  settle(cursors_.size() - 1, now);
  want_read();
}

void Audience::fell_behind(bool is_plain) {
  Cursor& cursor = cursors_.emplace_back();
  cursor.at = made(Mistake::member_falls_behind_at_position) ? position_ : previous_;
  cursor.told = true;
  cursor.blocked = true;
  cursor.untold = !epoch_told_ && !is_plain;
  cursor.plain = is_plain;
  switch (options_.slow) {
    case SlowPolicy::catch_up:
      cursor.state = State::behind;
      break;
    case SlowPolicy::gap:
      cursor.state = State::skipping;
      break;
    case SlowPolicy::latest:
      cursor.state = State::conflating;
      if (latest_) break;
      latest_ = std::make_unique<Latest>();
      latest_->keep(*publishing_);
      break;
  }
}

void Audience::drained(std::size_t place, const Moment& now) {
  Cursor& cursor = cursors_[place];
  cursor.blocked = false;
  switch (cursor.state) {
    case State::behind:
      catch_up(place, now);
      break;
    case State::skipping:
      skip(place, now);
      break;
    case State::conflating:
      conflate(place);
      break;
    case State::joining:
    case State::ahead:
      break;
  }
  want_read();
}

void Audience::give_up(std::size_t place) {
  const Cursor& cursor = cursors_[place];
  const std::uint64_t untold = cursor.state == State::conflating ? cursor.number : 0;
  const std::uint64_t missed = position_.offset - cursor.at.offset + untold;
  if (missed > 0) tell_gap(place, {Reason::slow, position_, top(), missed});
  make_live(place);
}

void Audience::left(std::size_t place) { take_out(place); }

void Audience::settle_all(const Moment& now) {
  paused_ = false;  // there is news of the log
  // From the end: where one goes, the last takes its place.
  for (std::size_t place = cursors_.size(); place-- > 0;) {
    const State state = cursors_[place].state;
    if (state == State::joining || state == State::ahead) settle(place, now);
  }
  want_read();
}

bool Audience::settle(std::size_t place, const Moment& now) {
  if (cursors_[place].state == State::joining) return judge(place, now);
  return judge_position(place, now);
}

bool Audience::judge(std::size_t place, const Moment& now) {
  Cursor& cursor = cursors_[place];
  if (!is_open_) {
    wait(cursor, now);
    return false;
  }
  switch (cursor.since) {
    case Since::Kind::now:
      cursor.at = position_;
      break;
    case Since::Kind::last:
      cursor.at = position_at(*log_, position_.offset - std::min<std::uint64_t>(position_.offset, cursor.number));
      break;
    case Since::Kind::position:
      return judge_position(place, now);
  }
  cursor.state = State::behind;
  if (cursor.told) tell(place, Reason::unavailable);  // it was answered without a position: here it is
  return catch_up(place, now);
}

// By the lineage, never by this node's position: the node that the member comes from may have been faster ⚑.
bool Audience::judge_position(std::size_t place, const Moment& now) {
  Cursor& cursor = cursors_[place];
  const bool is_fresh = cursor.state == State::ahead ||
                        (cursor.number != 0 && static_cast<std::int32_t>(confirmed_ - cursor.number) >= 0);
  const auto end = end_of(*log_, cursor.at.epoch);
  if (!end) {
    // This node may not have heard of the newest branch.
    if (is_fresh || made(Mistake::member_trusts_own_lineage)) return lose(place, Reason::epoch);
    ask(cursor, now);
    return false;
  }
  if (cursor.at.offset > reach(cursor.at.epoch, *end)) {
    const bool has_ended = cursor.at.epoch != newest_epoch(*log_);
    if (has_ended || is_fresh) return roll_back(place, *end, now);
    if (made(Mistake::member_trusts_own_position)) return roll_back(place, position_.offset, now);
    ask(cursor, now);
    return false;
  }
  cursor.at.epoch = epoch_at(*log_, cursor.at.offset);
  cursor.waits = false;
  if (cursor.at.offset <= position_.offset) {
    cursor.state = State::behind;
    return catch_up(place, now);
  }
  cursor.state = State::ahead;
  tell(place, std::nullopt);
  return false;
}

/// How far an epoch goes as far as this node can know: the newest one at least to where it has been passed on.
std::uint64_t Audience::reach(Epoch epoch, std::uint64_t end) const noexcept {
  return epoch == newest_epoch(*log_) ? std::max(end, position_.offset) : end;
}

bool Audience::catch_up(std::size_t place, const Moment& now) {
  while (true) {
    Cursor& cursor = cursors_[place];
    if (cursor.at.offset >= position_.offset) {
      tell(place, std::nullopt);
      return !hold(place) && make_live(place);
    }
    if (!host_.writable(place)) {
      cursor.blocked = true;
      cursor.waits = false;
      return false;
    }
    tail_.forget_older(now.wall_ms - options_.ttl.count());
    const auto pieces = tail_.after(cursor.at.offset);
    if (pieces.empty()) {
      wait(cursor, now);
      return false;
    }
    tell(place, std::nullopt);
    if (hold(place)) return false;
    replay(place, pieces);
  }
}

void Audience::replay(std::size_t place, std::span<const PublicationPtr> publications) {
  Cursor& cursor = cursors_[place];
  const bool conflates = cursor.state == State::conflating;
  Standing standing{cursor.at, !cursor.untold, conflates ? cursor.number : 0, cursor.plain};
  host_.replay(place, publications, standing);
  cursor.at = standing.at;
  cursor.untold = !standing.knows_epoch && !cursor.plain;
  if (conflates) cursor.number = static_cast<std::uint32_t>(standing.skipped);
  cursor.waits = false;
}

/// Tells what was not sent.
bool Audience::skip(std::size_t place, const Moment& now) {
  Cursor& cursor = cursors_[place];
  if (cursor.at.offset > position_.offset) {
    cursor.state = State::ahead;
    return settle(place, now);
  }
  if (cursor.at.offset < position_.offset) {
    tell_gap(place, {Reason::slow, position_, top(), position_.offset - cursor.at.offset});
    cursor.untold = false;
  }
  return make_live(place);
}

bool Audience::conflate(std::size_t place) {
  Cursor& cursor = cursors_[place];
  if (latest_) {
    const auto newest = latest_->after(cursor.at.offset);
    for (const PublicationPtr& publication : newest) {
      if (!host_.writable(place)) {
        cursor.blocked = true;
        return false;
      }
      replay(place, {&publication, 1});
    }
  }
  if (cursor.number > 0) {
    // The last that was kept for it leaves it out.
    tell_gap(place, {Reason::slow, position_, top(), cursor.number});
    cursor.untold = false;
  }
  return make_live(place);
}

/// It cannot be given what it lacks: it is told, and live from here on.
bool Audience::lose(std::size_t place, Reason reason) {
  cursors_[place].at = position_;
  tell(place, reason);
  return !hold(place) && make_live(place);
}

/// Whether it waits with what follows its answer: as if its socket took nothing.
bool Audience::hold(std::size_t place) {
  if (!host_.is_held(place)) return false;
  Cursor& cursor = cursors_[place];
  cursor.state = State::behind;
  cursor.blocked = true;
  cursor.waits = false;
  return true;
}

/// What it has seen is gone from `end` on: what the log has instead follows.
bool Audience::roll_back(std::size_t place, std::uint64_t end, const Moment& now) {
  Cursor& cursor = cursors_[place];
  cursor.at = position_at(*log_, end);
  tell(place, Reason::rolled_back);
  cursor.waits = false;
  cursor.state = end <= position_.offset ? State::behind : State::ahead;
  return cursor.state == State::behind && catch_up(place, now);
}

// ⚑ By the new lineage, and not by the position that the feed was reset to: that is the feed's, and a member may have
// been before it or past it.
bool Audience::reset_cursor(std::size_t place, const Moment& now) {
  Cursor& cursor = cursors_[place];
  switch (cursor.state) {
    case State::skipping:
    case State::conflating:
      return reset_skipping(cursor, place);
    case State::behind:
      if (made(Mistake::member_keeps_cursor_over_reset)) return false;
      // Judged as one whose position is beyond doubt; or anew, if it is not its own and it has been told nothing yet.
      cursor.state = cursor.told || cursor.since == Since::Kind::position ? State::ahead : State::joining;
      [[fallthrough]];
    case State::joining:
    case State::ahead:
      break;
  }
  return settle(place, now);
}

// One that conflates is told in the end how many it has missed: the newest of a key may be among what was lost, and
// what it had replaced is not there any more.
bool Audience::reset_skipping(Cursor& cursor, std::size_t place) {
  cursor.state = State::skipping;
  const auto end = end_of(*log_, cursor.at.epoch);
  if (!end) {
    cursor.at = position_;
    tell(place, Reason::epoch);
  } else if (cursor.at.offset > reach(cursor.at.epoch, *end)) {
    cursor.at = position_at(*log_, *end);
    tell(place, Reason::rolled_back);
  }
  return false;
}

std::optional<PageReads::Read> Audience::next_read() {
  if (reading_ || paused_) return std::nullopt;
  // Round and round: the one who is furthest behind must not be the only one who is read for.
  const Cursor* next = nullptr;
  for (const Cursor& cursor : cursors_) {
    if (cursor.state != State::behind || cursor.blocked) continue;
    const auto turn = [this](const Cursor& of) { return of.at.offset - swept_; };  // those before swept_ wrap around
    if (next == nullptr || turn(cursor) < turn(*next)) next = &cursor;
  }
  if (next == nullptr) return std::nullopt;
  reading_ = true;
  swept_ = next->at.offset + 1;
  return PageReads::Read{next->at.offset, page_count(), resets_};
}

void Audience::page(const PageReads::Read& read, const Result<LogPage>& result, const Moment& now) {
  reading_ = false;
  if (!result || !is_sound(result->log)) return pause(now);
  const Epoch newest = newest_epoch(result->log);
  const bool is_ours = newest == newest_epoch(*log_) && read.resets == resets_;
  if (!is_ours && !made(Mistake::member_page_of_other_branch)) {
    // ⚑ Of another branch than the one that this room is on. If the feed has not heard of that, it is to.
    if (knows(*log_, newest)) return want_read();
    ask_feed();
    return pause(now);
  }
  for (std::size_t place = cursors_.size(); place-- > 0;) {
    const Cursor& cursor = cursors_[place];
    const bool waits = cursor.state == State::behind && !cursor.blocked;
    if (waits && cursor.at.offset >= read.after) take_page(place, *result, now);
  }
  want_read();
}

bool Audience::take_page(std::size_t place, const LogPage& page, const Moment& now) {
  Cursor& cursor = cursors_[place];
  const auto& entries = page.publications;
  const std::uint64_t first_kept = entries.empty() ? page.log.top.offset + 1 : entries.front()->position().offset;
  if (!knows(page.log, cursor.at.epoch)) return lose(place, Reason::epoch);
  if (cursor.at.offset + 1 < first_kept) {
    if (cursor.since != Since::Kind::last || cursor.told) return lose(place, Reason::trimmed);
    cursor.at = position_at(page.log, std::min(first_kept - 1, position_.offset));  // the last that are kept
  }
  // Not past where the room is: the rest is passed on to it when it is live.
  const std::uint64_t end = made(Mistake::member_page_past_position) ? page.log.top.offset : position_.offset;
  std::uint64_t begin = cursor.at.offset + 1 - first_kept;
  if (made(Mistake::member_cursor_one_far)) ++begin;
  if (made(Mistake::member_cursor_one_short) && begin > 0) --begin;
  const std::uint64_t kept = std::min<std::uint64_t>(entries.size(), end + 1 - std::min(first_kept, end + 1));
  if (begin < kept && host_.writable(place)) {
    tell(place, std::nullopt);
    if (hold(place)) return false;
    replay(place, std::span(entries).subspan(begin, kept - begin));
    const std::size_t bytes = entries[begin]->text().size();
    average_ = (average_ * 7 + static_cast<std::uint32_t>(std::min(bytes, options_.window))) / 8;
    if (made(Mistake::member_live_before_position)) return make_live(place);
  }
  return catch_up(place, now);
}

void Audience::advance(const Moment& now) {
  if (now.steady < deadline_) return;
  deadline_ = std::chrono::steady_clock::time_point::max();
  if (paused_ && now.steady >= retry_) paused_ = false;
  if (paused_) deadline_ = retry_;
  constexpr auto kTicks = static_cast<std::uint32_t>(std::chrono::milliseconds(kPatience).count());
  for (std::size_t place = cursors_.size(); place-- > 0;) {
    const Cursor& cursor = cursors_[place];
    if (!cursor.waits) continue;
    const std::uint32_t waited = ticks(now) - cursor.waiting_since;
    if (waited >= kTicks) {
      expire(place);
    } else {
      deadline_ = std::min(deadline_, now.steady + std::chrono::milliseconds(kTicks - waited));
    }
  }
  want_read();
}

/// The log has not answered.
bool Audience::expire(std::size_t place) {
  Cursor& cursor = cursors_[place];
  cursor.waits = false;
  if (cursor.state == State::behind) return lose(place, Reason::unavailable);
  // Whether its position is good, or where it would begin, is still not known. It stays where it is and is judged when
  // the log answers: so it is not sent again what it has.
  if (cursor.since == Since::Kind::position) {
    tell(place, Reason::unavailable);
  } else {
    cursor.told = true;
    host_.acknowledge(place, {.lost = Reason::unavailable});
  }
  return false;
}

/// Answers a join, or says that continuity is broken; nothing if there is neither to say. It stands at its cursor.
void Audience::tell(std::size_t place, std::optional<Reason> lost) {
  Cursor& cursor = cursors_[place];
  const std::uint64_t newest = std::max(top(), cursor.at.offset);
  if (!cursor.told || lost) cursor.untold = false;
  if (cursor.told) {
    if (lost) tell_gap(place, {*lost, cursor.at, newest});
    return;
  }
  cursor.told = true;
  host_.acknowledge(place, {cursor.since == Since::Kind::position, lost, cursor.at, newest});
}

void Audience::tell_gap(std::size_t place, const Gap& gap) {
  cursors_[place].plain ? host_.skipped(place, gap.skipped) : host_.gap(place, gap);
}

void Audience::ask(Cursor& cursor, const Moment& now) {
  if (!cursor.told) wait(cursor, now);
  if (cursor.number == 0) cursor.number = ask_feed();
}

/// The number under which a page is told that is asked for from now on. Many who come share two: one may be under way.
std::uint32_t Audience::ask_feed() {
  if (confirmed_ != asked_) {
    ask_again_ = true;
    return asked_ + 1;
  }
  host_.confirm(++asked_);
  return asked_;
}

void Audience::wait(Cursor& cursor, const Moment& now) {
  cursor.blocked = false;
  if (cursor.waits) return;
  cursor.waits = true;
  cursor.waiting_since = ticks(now);
  deadline_ = std::min(deadline_, now.steady + kPatience);
}

/// No read until there is news of the log, or for a moment.
void Audience::pause(const Moment& now) {
  paused_ = true;
  retry_ = now.steady + kRetryPause;
  deadline_ = std::min(deadline_, retry_);
}

void Audience::want_read() {
  if (reading_ || paused_) return;
  const auto wants = [](const Cursor& cursor) { return cursor.state == State::behind && !cursor.blocked; };
  if (std::any_of(cursors_.begin(), cursors_.end(), wants)) reads_.want(waiting_);
}

bool Audience::make_live(std::size_t place) {
  if (cursors_[place].untold) {  // once more, for its sake
    epoch_told_ = false;
    telling_.reset();
  }
  const bool is_plain = cursors_[place].plain;
  take_out(place);
  is_plain ? host_.make_plain(place) : host_.make_live(place);
  return true;
}

void Audience::take_out(std::size_t place) {
  cursors_[place] = cursors_.back();
  cursors_.pop_back();
  const auto conflates = [](const Cursor& cursor) { return cursor.state == State::conflating; };
  if (latest_ && std::none_of(cursors_.begin(), cursors_.end(), conflates)) latest_.reset();
}

std::uint64_t Audience::top() const noexcept { return std::max(position_.offset, log_ ? log_->top.offset : 0); }

std::size_t Audience::page_count() const noexcept {
  return std::clamp<std::size_t>(options_.window / std::max<std::size_t>(average_, 1), 1, kMostCount);
}

}  // namespace hearth::history
