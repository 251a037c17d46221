#include "shard/stalls.hpp"

#include "protocol/system_events.hpp"

#include <algorithm>

namespace hearth::shard {

void Stalls::waits(const hub::Client& client, net::TimePoint now) {
  const auto [found, is_new] = waits_.try_emplace(client.id, now);
  if (is_new) heap_.push(net::after(now, timeout_), client.id);
  if (!found->second) found->second = now;
}

void Stalls::goes_on(const hub::Client& client) {
  if (const auto found = waits_.find(client.id); found != waits_.end()) found->second.reset();
}

void Stalls::expire(net::TimePoint now) {
  while (const auto due = heap_.pop(now)) judge(due->key, now);
}

void Stalls::judge(const protocol::ClientId& id, net::TimePoint now) {
  const auto found = waits_.find(id);
  hub::Client* client = hub_.find_open(id);
  if (client == nullptr || !found->second || !is_behind_(*client)) {
    waits_.erase(found);
    return;
  }
  const net::TimePoint end = net::after(std::max(*found->second, client->took_at()), timeout_);
  if (end > now) return heap_.push(end, id);
  waits_.erase(found);
  outlet_.close(*client, protocol::kSlowConsumer);
}

}  // namespace hearth::shard
