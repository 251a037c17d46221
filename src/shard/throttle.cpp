#include "shard/throttle.hpp"

#include "protocol/system_events.hpp"

#include <algorithm>

namespace hearth::shard {

namespace {

// So that a client at its limit is not stopped and let go for each message.
constexpr net::Millis kShortest{50};

}  // namespace

std::optional<Throttle::Meter> Throttle::meter(const std::optional<Rate>& rate, net::TimePoint now) {
  if (!rate) return std::nullopt;
  return Meter{*rate, TokenBucket(*rate, now)};
}

void Throttle::connected(hub::Client& client, net::TimePoint now) {
  if (!limits_.messages && !limits_.bytes) return;
  allowances_.insert_or_assign(client.id,
                               Allowance{meter(limits_.messages, now), meter(limits_.bytes, now), {}, {}, false});
  client.limited = true;
}

void Throttle::allow(hub::Client& client, const std::optional<Rate>& messages, net::TimePoint now) {
  if (!messages && !client.limited) return;
  Allowance& allowance =
      allowances_.try_emplace(client.id, Allowance{std::nullopt, meter(limits_.bytes, now), {}, {}, false})
          .first->second;
  client.limited = true;
  allowance.has_own = messages.has_value();
  set(allowance.messages, messages ? messages : limits_.messages, now);
}

// One that goes on as it was keeps what is left of it.
void Throttle::set(std::optional<Meter>& meter, const std::optional<Rate>& rate, net::TimePoint now) {
  if (meter && rate && meter->refill == Refill(*rate)) return;
  meter = Throttle::meter(rate, now);
}

void Throttle::update(const Limits& limits, net::TimePoint now) {
  limits_ = limits;
  hub_.for_each_client([&](hub::Client& client) { update(client, now); });
}

void Throttle::update(hub::Client& client, net::TimePoint now) {
  const auto found = allowances_.find(client.id);
  if (found == allowances_.end()) return connected(client, now);
  Allowance& allowance = found->second;
  set(allowance.bytes, limits_.bytes, now);
  if (!allowance.has_own) set(allowance.messages, limits_.messages, now);
  if (allowance.messages || allowance.bytes) return;
  allowances_.erase(found);
  client.limited = false;
  if (!client.throttled) return;
  client.throttled = false;
  host_.let_go(client);
}

void Throttle::count(hub::Client& client, std::size_t bytes, net::TimePoint now) {
  const auto found = allowances_.find(client.id);
  if (found == allowances_.end()) return;
  Allowance& allowance = found->second;
  const auto takes = [now](std::optional<Meter>& meter, double tokens) {
    return !meter || meter->bucket.take(meter->refill, tokens, now);
  };
  const bool takes_message = takes(allowance.messages, 1);
  const bool takes_bytes = takes(allowance.bytes, static_cast<double>(bytes));
  if (takes_message && takes_bytes) return;
  hold_up(client, allowance, now);
}

void Throttle::hold_up(hub::Client& client, Allowance& allowance, net::TimePoint now) {
  if (client.throttled) return;
  const auto wait_of = [now](std::optional<Meter>& meter) {
    return meter ? meter->bucket.wait(meter->refill, now) : net::Millis(0);
  };
  const net::Millis for_messages = wait_of(allowance.messages);
  const net::Millis for_bytes = wait_of(allowance.bytes);
  const Limit limit = for_messages >= for_bytes ? Limit::messages : Limit::bytes;
  hits_.add(limit, client.id);
  if (limits_.dry_run) return;
  if (allowance.since == net::TimePoint{} || now - allowance.released >= kBreak) allowance.since = now;
  if (now - allowance.since >= kPatience) return outlet_.close(client, protocol::kRateLimitExceeded);
  client.throttled = true;
  held_.push(net::after(now, std::max({for_messages, for_bytes, kShortest})), client.id);
  host_.hold_up(client);
}

void Throttle::expire(net::TimePoint now) {
  while (const auto entry = held_.pop(now)) {
    hub::Client* client = hub_.find_open(entry->key);
    const auto found = allowances_.find(entry->key);
    if (client == nullptr || found == allowances_.end()) continue;
    client->throttled = false;
    found->second.released = now;
    host_.let_go(*client);
  }
}

void Throttle::gone(const hub::Client& client) {
  if (client.limited) allowances_.erase(client.id);
}

}  // namespace hearth::shard
