#include "shard/congestion.hpp"

#include <utility>

namespace hearth::shard {

Congestion& Congestion::of_process() {
  static Congestion congestion;
  return congestion;
}

void Congestion::add(std::shared_ptr<net::Wakeup> wakeup) {
  const std::lock_guard lock(mutex_);
  wakeups_.push_back(std::move(wakeup));
}

void Congestion::remove(const std::shared_ptr<net::Wakeup>& wakeup) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase(wakeups_, wakeup);
}

void Congestion::wake() {
  const std::lock_guard lock(mutex_);
  for (const auto& wakeup : wakeups_) wakeup->notify();
}

}  // namespace hearth::shard
