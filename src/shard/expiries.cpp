#include "shard/expiries.hpp"

#include <algorithm>
#include <string>

namespace hearth::shard {

void Expiries::set(hub::Client& client, std::optional<net::TimePoint> end, net::TimePoint now) {
  if (!end && !client.details) return;
  hub::Client::Details& details = client.make_details();
  details.expires_at = end;
  details.expiry_event.reset();
  if (!end) return;
  // An identity that is shorter than the grace is told of at any moment of what is left.
  const auto span = std::clamp(*end - now, net::Millis(0), grace_).count();
  const net::Millis before(std::uniform_int_distribution<std::int64_t>(0, span)(random_));
  wait(client, client.reads_events ? *end - before : net::after(*end, grace_));
}

void Expiries::wait(hub::Client& client, net::TimePoint until) {
  client.details->expiry_event = until;
  heap_.push(until, client.id);
}

void Expiries::expire(net::TimePoint now) {
  while (const auto entry = heap_.pop(now)) {
    hub::Client* client = hub_.find_open(entry->key);
    // It may have been renewed since, and waits for another time then.
    if (client == nullptr || !client->details || client->details->expiry_event != entry->time) continue;
    const net::TimePoint last = net::after(*client->details->expires_at, grace_);
    if (entry->time >= last) {
      client->details->expiry_event.reset();
      outlet_.close(*client, protocol::kTokenExpired);
    } else {
      tell(*client, now);
      wait(*client, last);
    }
  }
}

void Expiries::tell(hub::Client& client, net::TimePoint now) {
  const auto left = std::max(*client.details->expires_at - now, net::Millis(0));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left).count();
  answers_.event(client, protocol::event::kTokenExpiring, R"({"expiresIn":)" + std::to_string(seconds) + '}');
}

}  // namespace hearth::shard
