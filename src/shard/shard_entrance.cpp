// Who becomes a client, and who is answered otherwise.

#include "http/response.hpp"
#include "shard/shard.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";

std::string refusal(Limit limit) {
  if (limit == Limit::connections_per_ip || limit == Limit::connects_per_ip) {
    return http::response(429, kText, "Too many connections from this address.\n", "Retry-After: 5\r\n");
  }
  return http::response(503, kText, "There are too many connections; come back in a moment.\n", "Retry-After: 5\r\n");
}

}  // namespace

bool Shard::admits(const net::Connection& connection) {
  return entrance_.admits(static_cast<const hub::Client&>(connection), loop_.now());
}

std::optional<net::TurnedAway> Shard::turn_away(const net::Connection& connection, const net::Upgrade& /*upgrade*/) {
  if (drain_.refuses_newcomers(loop_.now())) {
    return net::TurnedAway{
        net::Refusal::draining,
        http::response(503, kText, "This server is about to end; come back in a moment.\n", "Retry-After: 1\r\n")};
  }
  const auto limit = entrance_.enter(static_cast<const hub::Client&>(connection), loop_.now());
  return limit ? std::optional(net::TurnedAway{net::Refusal::limit, refusal(*limit)}) : std::nullopt;
}

void Shard::adopt(const Settings& settings, std::shared_ptr<void> done) {
  loop_.trust(http::Origins(settings.allowed_origins), http::Proxies(settings.trusted_proxies));
  loop_.reserve_descriptors(settings.limits.reserved_descriptors);
  entrance_.update(settings.limits, hub_);
  throttle_.update(settings.limits, loop_.now());
  sealing_.update(settings.limits);
  rooms_.limit(settings.limits);
  loop_.limit(settings.max_payload_length, settings.backpressure_limit);
  transforms_.limit(settings.backpressure_limit);
  expiries_.set_grace(settings.expiry_grace);
  entrance_.keep_headers(settings.request_headers);
  hub_.rules_changed();
  present_.rules_changed();
  if (!subscriptions_.are_awaited()) return;
  subscriptions_.await({}, [done = std::move(done)](const protocol::ClientId& /*nobody*/) {});
}

}  // namespace hearth::shard
