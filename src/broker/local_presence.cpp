#include "broker/local_presence.hpp"

#include "protocol/mistake.hpp"

#include <iterator>
#include <utility>

namespace hearth::broker {

LocalPresence::LocalPresence(const LocalPresence& other) {
  const std::lock_guard lock(other.mutex_);
  living_ = other.living_;
  rooms_ = other.rooms_;
  left_ = other.left_;
}

LivingInstances LocalPresence::look(std::string_view instance, std::optional<std::chrono::milliseconds> life,
                                    TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(living_, [now](const auto& one) { return one.second < now; });
  LivingInstances living{.was_missing = !living_.contains(instance)};
  if (life) living_.insert_or_assign(std::string(instance), now + *life);
  for (const auto& [name, until] : living_) living.instances.push_back(name);
  return living;
}

bool LocalPresence::lives(std::string_view instance, TimePoint now) const {
  const auto found = living_.find(instance);
  return found != living_.end() && found->second >= now;
}

bool LocalPresence::write(std::string_view instance, const PresenceReport& report) {
  const std::lock_guard lock(mutex_);
  Kept& kept = rooms_[report.room][std::string(instance)];
  // ⚑ What was under way when a connection broke may come after what was written over the next one.
  if (kept.version > report.version && !protocol::made(protocol::Mistake::presence_takes_late_reports)) return false;
  kept.version = report.version;
  kept.clients = report.clients;
  kept.users = report.users;
  if (report.is_whole || !report.is_listed) kept.members.clear();
  for (const KeptMember& member : report.joined) kept.members.insert_or_assign(member.id, member);
  for (const std::string& id : report.left) kept.members.erase(id);
  if (report.clients > 0) return true;
  kept.members.clear();
  left_.emplace_back(report.room, instance);
  if (left_.size() > kMostLeft) forget_left();
  return true;
}

void LocalPresence::forget_left() {
  const auto [room, instance] = std::move(left_.front());
  left_.pop_front();
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  const auto kept = found->second.find(instance);
  if (kept != found->second.end() && kept->second.clients == 0) erase(room, instance);
}

std::vector<PresenceEntry> LocalPresence::read(std::string_view room, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  std::vector<PresenceEntry> entries;
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return entries;
  for (const auto& [instance, kept] : found->second) {
    if (kept.clients == 0 || !lives(instance, now)) continue;
    PresenceEntry& entry = entries.emplace_back(PresenceEntry{instance, kept.version, kept.clients, kept.users, {}});
    for (const auto& [id, member] : kept.members) entry.members.push_back(member);
  }
  return entries;
}

void LocalPresence::forget(std::string_view room, std::string_view instance, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (!lives(instance, now)) erase(room, instance);
}

void LocalPresence::end(std::string_view instance) {
  const std::lock_guard lock(mutex_);
  if (const auto found = living_.find(instance); found != living_.end()) living_.erase(found);
  for (auto at = rooms_.begin(); at != rooms_.end();) {
    const auto kept = at->second.find(instance);
    if (kept != at->second.end()) at->second.erase(kept);
    at = at->second.empty() ? rooms_.erase(at) : std::next(at);
  }
}

void LocalPresence::clear() {
  const std::lock_guard lock(mutex_);
  living_.clear();
  rooms_.clear();
  left_.clear();
}

void LocalPresence::erase(std::string_view room, std::string_view instance) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  if (const auto kept = found->second.find(instance); kept != found->second.end()) found->second.erase(kept);
  if (found->second.empty()) rooms_.erase(found);
}

}  // namespace hearth::broker
