#include "backend/event_queue.hpp"

#include <utility>

namespace hearth::app {

void EventQueue::add(std::string event, Time now, Outcome outcome) {
  waiting_bytes_ += event.size();
  waiting_.push_back({std::move(event), now, std::move(outcome)});
  while (waiting_bytes_ + taken_bytes_ > most_bytes_ && !waiting_.empty()) {
    waiting_bytes_ -= waiting_.front().text.size();
    if (waiting_.front().outcome) waiting_.front().outcome(false);
    waiting_.pop_front();
    ++skipped_;
    ++state_.dropped;
  }
  show_oldest();
}

EventQueue::Time EventQueue::due() const {
  if (waiting_.empty()) return Time::max();
  return is_full() ? waiting_.front().since : waiting_.front().since + kLongestWait;
}

EventBatch EventQueue::take() {
  EventBatch batch;
  batch.skipped = std::exchange(skipped_, 0);
  if (!waiting_.empty()) taken_since_ = waiting_.front().since;
  while (!waiting_.empty() && batch.events.size() < kMostEvents) {
    std::string& next = waiting_.front().text;
    if (!batch.events.empty() && taken_bytes_ + next.size() > kMostBytes) break;
    taken_bytes_ += next.size();
    waiting_bytes_ -= next.size();
    batch.events.push_back(std::move(next));
    if (waiting_.front().outcome) awaited_.push_back(std::move(waiting_.front().outcome));
    waiting_.pop_front();
  }
  taken_ = batch.events.size();
  return batch;
}

void EventQueue::done() {
  state_.sent += std::exchange(taken_, 0);
  taken_bytes_ = 0;
  for (const Outcome& outcome : std::exchange(awaited_, {})) outcome(true);
  show_oldest();
}

void EventQueue::show_oldest() {
  state_.events = waiting_.size() + taken_;
  state_.bytes = waiting_bytes_ + taken_bytes_;
  if (taken_ > 0) {
    state_.oldest = taken_since_;
  } else if (!waiting_.empty()) {
    state_.oldest = waiting_.front().since;
  }
}

}  // namespace hearth::app
