#include "server/metrics_sum.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace hearth::server {

namespace {

std::uint64_t count_distinct(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  return static_cast<std::uint64_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
}

double in_seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

MetricsSum::MetricsSum() {
  for (const std::int64_t bound : net::DurationHistogram::kBounds) {
    sum_.ticks.bounds.push_back(in_seconds(std::chrono::microseconds(bound)));
  }
  sum_.ticks.counts.resize(sum_.ticks.bounds.size() + 1);
}

void MetricsSum::add(const shard::Figures& figures) {
  sum_.clients_unauthorized += figures.unauthorized;
  sum_.clients_authenticating += figures.authenticating;
  sum_.clients_authenticated += figures.authenticated;
  sum_.clients_backpressured += figures.backpressured;
  sum_.backlog_bytes += figures.backlog_bytes;
  sum_.memberships += figures.memberships;
  users_.insert(users_.end(), figures.users.begin(), figures.users.end());
  rooms_.insert(rooms_.end(), figures.rooms.begin(), figures.rooms.end());
  AuthenticationCounts& all = sum_.authentications;
  const AuthenticationCounts& more = figures.authentications;
  all.accepted += more.accepted;
  all.rejected += more.rejected;
  all.expired += more.expired;
  all.blocked += more.blocked;
  all.unavailable += more.unavailable;
  all.failed += more.failed;
  for (const auto& [code, count] : figures.disconnects) sum_.disconnects[code] += count;
}

void MetricsSum::add(std::uint64_t connections, const net::DurationHistogram& ticks) {
  for (std::size_t i = 0; i < sum_.ticks.counts.size(); ++i) sum_.ticks.counts[i] += ticks.count(i);
  const double busy = in_seconds(ticks.sum());
  sum_.ticks.sum += busy;
  sum_.shards.push_back({connections, busy});
}

Metrics MetricsSum::take() {
  sum_.users = count_distinct(users_);
  sum_.rooms = count_distinct(rooms_);
  return std::move(sum_);
}

}  // namespace hearth::server
