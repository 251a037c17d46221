#include "api/once_memory.hpp"

namespace hearth::app {

OnceState OnceMemory::claim(const OnceKey& key, Clock::time_point now) {
  expire(now);
  if (const auto found = known_.find(key.id); found != known_.end()) {
    if (found->second.body != key.body) return OnceState::conflict;
    return found->second.is_done ? OnceState::done : OnceState::pending;
  }
  if (ages_.size() >= most_) return OnceState::full;
  known_.emplace(key.id, Known{key.body, now});
  ages_.push_back({now, key.id});
  return OnceState::mine;
}

void OnceMemory::finish(const OnceKey& key) {
  if (const auto found = known_.find(key.id); found != known_.end()) found->second.is_done = true;
}

// A key that was forgotten and given again has two ages, of which the later one counts.
void OnceMemory::expire(Clock::time_point now) {
  while (!ages_.empty() && now - ages_.front().since >= kLife) {
    const auto found = known_.find(ages_.front().id);
    if (found != known_.end() && found->second.since == ages_.front().since) known_.erase(found);
    ages_.pop_front();
  }
}

}  // namespace hearth::app
