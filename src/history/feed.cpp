#include "history/feed.hpp"

#include "history/lineage.hpp"
#include "protocol/mistake.hpp"

#include <algorithm>

namespace hearth::history {

using protocol::made;
using protocol::Mistake;

bool is_sound(const LogTop& log) noexcept {
  const auto falls = [](const Branch& one, const Branch& next) { return one.first > next.first; };
  return !log.lineage.empty() &&
         std::adjacent_find(log.lineage.begin(), log.lineage.end(), falls) == log.lineage.end() &&
         log.lineage.back().first <= log.top.offset + 1 && log.top.offset <= Position::kMostOffset;
}

void Feed::subscribed() {
  read_checks_ = false;
  top_checks_ = false;
  if (made(Mistake::feed_trusts_renewed_subscription) && has_position()) {
    reception_ = Reception::up;
    return;
  }
  reception_ = Reception::unchecked;
  if (!has_position()) wanted_ = true;
}

void Feed::store_changed() noexcept {
  if (reception_ == Reception::up) reception_ = Reception::unchecked;
  read_checks_ = false;
  top_checks_ = false;
}

void Feed::lost() noexcept {
  reception_ = Reception::down;
  read_checks_ = false;
  top_checks_ = false;
}

void Feed::publication(const PublicationPtr& publication, FeedListener& listener) {
  const Position& at = publication->position();
  if (!has_position()) {
    if (!made(Mistake::feed_starts_without_second_read)) wanted_ = true;
    return;
  }
  if (!knows(*log_, at.epoch)) {
    if (!made(Mistake::feed_ignores_unknown_epoch)) wanted_ = true;
    return;
  }
  // ⚑ A branch that has ended: the channel may hang on a dead primary for a while, or its last messages be worked off
  // after the first page of the new one. Their offsets are other publications by now.
  if (at.epoch != newest_epoch(*log_) && !made(Mistake::feed_passes_dead_branch)) return;
  heard_top_ = std::max(heard_top_, at.offset);
  if (at.offset <= position_.offset) return;
  if (at.offset == position_.offset + 1 || made(Mistake::feed_passes_over_a_hole)) {
    // A channel that goes on where it broke off has missed nothing.
    if (reception_ == Reception::unchecked) reception_ = Reception::up;
    pass(publication, listener);
    return drain(listener);
  }
  known_top_ = std::max(known_top_, at.offset);
  if (!buffer_) buffer_ = std::make_unique<ReorderBuffer>(budget_);
  buffer_->keep(publication);
}

void Feed::begin_read() noexcept {
  wanted_ = false;
  reading_ = true;
  read_checks_ = reception_ != Reception::down;
  asked_ = position_;
  heard_top_ = 0;
}

void Feed::read_failed() noexcept {
  reading_ = false;
  wanted_ = true;
}

bool Feed::page(const LogPage& page, FeedListener& listener) {
  if (!is_sound(page.log)) {
    read_failed();
    return true;
  }
  reading_ = false;
  if (read_checks_) reception_ = Reception::up;
  const bool is_first = !has_position();
  const bool is_new_branch = !is_first && newest_epoch(*log_) != newest_epoch(page.log);
  // What the channel has brought in the meantime is beyond the top only if it is of the same branch.
  known_top_ = std::max(page.log.top.offset, is_new_branch ? 0 : heard_top_);
  log_ = std::make_shared<const LogTop>(page.log);
  if (is_new_branch && buffer_ && !made(Mistake::feed_keeps_buffer_of_ended_branch)) {
    buffer_->keep_only(newest_epoch(page.log));
  }
  if (is_first) {
    // Nobody was here before. The epoch is that of the publication there, so that a log that was merely reopened
    // disturbs nobody.
    position_ = page.log.top;
    if (made(Mistake::feed_stands_in_newest_epoch)) position_.epoch = newest_epoch(page.log);
    listener.opened(position_, log_);
    return true;
  }
  const auto end = end_of(page.log, position_.epoch);
  if (!end) {
    reset(Reason::epoch, page.log.top, listener);
    return true;
  }
  if (position_.offset > *end) {
    if (may_be_older(page.log)) return false;
    reset(Reason::rolled_back, {position_.epoch, *end}, listener);
    if (asked_.offset > position_.offset && !made(Mistake::feed_reads_on_after_rollback)) {
      // The page begins further on; that what is between is not in it does not say that it is not kept.
      wanted_ = wanted_ || page.log.top.offset > position_.offset;
      return true;
    }
  } else if (is_new_branch) {
    listener.lineage(log_);
  }
  take_entries(page, listener);
  return true;
}

// ⚑ Pages and publications come over two connections. One that was asked for when all was well, and does not have what
// the channel has brought since, is merely older; without this a busy room would now and then be told that the log has
// lost something. A branch that has a successor is final, however: being asked earlier is no excuse there.
bool Feed::may_be_older(const LogTop& log) const noexcept {
  if (made(Mistake::feed_believes_old_page)) return false;
  const auto end_of_asked = end_of(log, asked_.epoch);
  const bool was_within = end_of_asked && asked_.offset <= *end_of_asked;
  return was_within && (position_.epoch == newest_epoch(log) || made(Mistake::feed_excuses_ended_branch));
}

void Feed::take_entries(const LogPage& page, FeedListener& listener) {
  const auto& entries = page.publications;
  const std::uint64_t first_kept = entries.empty() ? page.log.top.offset + 1 : entries.front()->position().offset;
  if (first_kept > position_.offset + 1 && !made(Mistake::feed_misses_trimming)) {
    reset(Reason::trimmed, position_at(page.log, first_kept - 1), listener);
  }
  for (const PublicationPtr& entry : entries) {
    const std::uint64_t offset = entry->position().offset;
    if (offset == position_.offset + 1 || (made(Mistake::feed_misses_trimming) && offset > position_.offset)) {
      pass(entry, listener);
    }
  }
  drain(listener);
  if (made(Mistake::feed_forgets_known_top)) known_top_ = 0;
}

void Feed::begin_top() noexcept {
  topping_ = true;
  top_checks_ = reception_ != Reception::down;
}

void Feed::top(const LogTop& log) noexcept {
  topping_ = false;
  if (log.top != position_) {
    wanted_ = true;
  } else if (top_checks_) {
    reception_ = Reception::up;
  }
}

Feed::Mode Feed::mode() const noexcept {
  if (!has_position()) return Mode::opening;
  if (reception_ != Reception::up) return Mode::blind;
  return reading_ || wants_read() ? Mode::reading : Mode::live;
}

void Feed::pass(const PublicationPtr& publication, FeedListener& listener) {
  position_ = publication->position();
  listener.publication(publication);
}

void Feed::drain(FeedListener& listener) {
  if (!buffer_) return;
  while (const PublicationPtr next = buffer_->take(position_.offset + 1)) pass(next, listener);
  if (buffer_->empty()) buffer_.reset();
}

void Feed::reset(Reason reason, const Position& position, FeedListener& listener) {
  position_ = position;
  listener.reset(reason, position, log_);
}

}  // namespace hearth::history
