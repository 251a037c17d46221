#include "broker/wanted_channels.hpp"

#include <utility>

namespace hearth::broker {

WantedChannels::Wish WantedChannels::add(std::vector<std::string> channels, std::function<void()> done) {
  const std::lock_guard lock(mutex_);
  Wish wish;
  std::shared_ptr<Waiter> waiter;
  for (std::string& channel : channels) {
    Entry& entry = entries_[channel];
    ++entry.count;
    if (!connected_ || entry.state == State::active) continue;
    if (entry.state == State::idle) {
      entry.state = State::pending;
      wish.work = wish.work || new_.empty();
      new_.push_back(std::move(channel));
    }
    if (!waiter) waiter = std::make_shared<Waiter>(Waiter{0, std::exchange(done, {})});
    ++waiter->missing;
    entry.waiters.push_back(waiter);
    wish.waits = true;
  }
  return wish;
}

bool WantedChannels::remove(std::span<const std::string> channels) {
  const std::lock_guard lock(mutex_);
  const bool was_empty = lingering_.empty();
  for (const std::string& channel : channels) {
    const auto found = entries_.find(channel);
    if (found == entries_.end() || found->second.count == 0) continue;
    Entry& entry = found->second;
    if (--entry.count > 0 || std::exchange(entry.lingers, true)) continue;
    lingering_.push_back({channel, Clock::now() + linger_});
  }
  return was_empty && !lingering_.empty();
}

bool WantedChannels::is_wanted(std::string_view channel) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(channel);
  return found != entries_.end() && found->second.count > 0;
}

bool WantedChannels::is_active(std::string_view channel) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(channel);
  return found != entries_.end() && found->second.state == State::active;
}

std::vector<std::string> WantedChannels::wanted() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> channels;
  for (const auto& [channel, entry] : entries_) {
    if (entry.count > 0) channels.push_back(channel);
  }
  return channels;
}

std::size_t WantedChannels::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<std::string> WantedChannels::connect() {
  const std::lock_guard lock(mutex_);
  connected_ = true;
  new_.clear();
  std::vector<std::string> channels;
  for (auto& [channel, entry] : entries_) {
    if (entry.count == 0) continue;
    entry.state = State::pending;
    channels.push_back(channel);
  }
  return channels;
}

WantedChannels::Callbacks WantedChannels::disconnect() {
  const std::lock_guard lock(mutex_);
  connected_ = false;
  new_.clear();
  Callbacks callbacks;
  for (auto& [channel, entry] : entries_) {
    entry.state = State::idle;
    release(entry, callbacks);
  }
  return callbacks;
}

std::vector<std::string> WantedChannels::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(new_, {});
}

WantedChannels::Callbacks WantedChannels::confirm(std::string_view channel) { return settle(channel); }
WantedChannels::Callbacks WantedChannels::refuse(std::string_view channel) { return settle(channel); }

WantedChannels::Callbacks WantedChannels::settle(std::string_view channel) {
  const std::lock_guard lock(mutex_);
  Callbacks callbacks;
  const auto found = entries_.find(channel);
  if (found == entries_.end()) return callbacks;
  found->second.state = State::active;
  release(found->second, callbacks);
  return callbacks;
}

void WantedChannels::release(Entry& entry, Callbacks& callbacks) {
  for (const auto& waiter : entry.waiters) {
    if (--waiter->missing == 0 && waiter->done) callbacks.push_back(std::move(waiter->done));
  }
  entry.waiters = {};
}

std::optional<WantedChannels::Clock::time_point> WantedChannels::next_expiry() const {
  const std::lock_guard lock(mutex_);
  if (lingering_.empty()) return std::nullopt;
  return lingering_.front().until;
}

std::vector<std::string> WantedChannels::expire(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> gone;
  while (!lingering_.empty() && lingering_.front().until <= now) {
    Lingering lingering = std::move(lingering_.front());
    lingering_.pop_front();
    const auto found = entries_.find(lingering.channel);
    if (found == entries_.end()) continue;
    Entry& entry = found->second;
    entry.lingers = false;
    if (entry.count > 0) continue;
    if (entry.state == State::pending) {  // an unsubscribe must not overtake the answer
      entry.lingers = true;
      lingering_.push_back({std::move(lingering.channel), now + linger_});
      if (linger_ == linger_.zero()) break;
      continue;
    }
    const bool active = entry.state == State::active;
    entries_.erase(found);
    if (active) gone.push_back(std::move(lingering.channel));
  }
  return gone;
}

}  // namespace hearth::broker
