#include "server/metrics_sum.hpp"

#include "net/counters.hpp"
#include "net/duration_histogram.hpp"
#include "tls/handshake_outcome.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace hearth::server {

namespace {

std::uint64_t count_distinct(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  return static_cast<std::uint64_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
}

void add_to(DurationHistogram& sum, const net::DurationHistogram& counted) {
  const DurationHistogram more = counted.snapshot();
  for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i] += more.counts[i];
  sum.sum += more.sum;
}

void add_to(AuthenticationCounts& sum, const AuthenticationCounts& more) {
  sum.accepted += more.accepted;
  sum.rejected += more.rejected;
  sum.expired += more.expired;
  sum.blocked += more.blocked;
  sum.unavailable += more.unavailable;
  sum.failed += more.failed;
}

// Without a version there is no success, and what is no TLS has none.
bool is_possible(std::size_t version, tls::HandshakeOutcome outcome) {
  if (outcome == tls::HandshakeOutcome::success) return version != 0;
  return outcome != tls::HandshakeOutcome::not_tls || version == 0;
}

/// All that can be, in the same order each time.
std::vector<TlsHandshakeCount> with_more(const std::vector<TlsHandshakeCount>& before,
                                         const net::HandshakeCounters& counters) {
  std::vector<TlsHandshakeCount> sums;
  for (std::size_t version = 0; version < counters.size(); ++version) {
    for (std::size_t i = 0; i < tls::kHandshakeOutcomes; ++i) {
      const auto outcome = static_cast<tls::HandshakeOutcome>(i);
      if (!is_possible(version, outcome)) continue;
      const std::uint64_t others = before.empty() ? 0 : before[sums.size()].count;
      sums.push_back({net::kTlsVersions.at(version), tls::name_of(outcome), others + counters[version][i].get()});
    }
  }
  return sums;
}

}  // namespace

MetricsSum::MetricsSum() {
  const DurationHistogram none = net::DurationHistogram().snapshot();
  sum_.ticks = none;
  sum_.delivery_lag = none;
  sum_.tls.durations = none;
}

void MetricsSum::add(const shard::Figures& figures) {
  sum_.clients_unauthorized += figures.unauthorized;
  sum_.clients_authenticating += figures.authenticating;
  sum_.clients_authenticated += figures.authenticated;
  sum_.clients_backpressured += figures.backpressured;
  sum_.clients_throttled += figures.throttled;
  sum_.backlog_bytes += figures.backlog_bytes;
  sum_.memberships += figures.memberships;
  users_.insert(users_.end(), figures.users.begin(), figures.users.end());
  rooms_.insert(rooms_.end(), figures.rooms.begin(), figures.rooms.end());
  for (const auto& [method, counts] : figures.authentications) {
    add_to(sum_.authentications, counts);
    add_to(sum_.authentication_methods[method], counts);
  }
  for (const auto& [code, count] : figures.disconnects) sum_.disconnects[code] += count;
}

void MetricsSum::add(const net::Loop& loop, bool speaks_tls) {
  add_to(sum_.ticks, loop.tick_durations());
  add_to(sum_.delivery_lag, loop.delivery_lags());
  sum_.shards.push_back(
      {loop.counters().open.get(), std::chrono::duration<double>(loop.tick_durations().sum()).count()});
  for (std::size_t i = 0; i < net::kRefusals.size(); ++i) {
    sum_.refusals[net::kRefusals.at(i)] += loop.counters().refused.at(i).get();
  }
  for (std::size_t i = 0; i < net::kDrops.size(); ++i) {
    sum_.drops[net::kDrops.at(i)] += loop.counters().drops.at(i).get();
  }
  if (!speaks_tls) return;
  add_to(sum_.tls.durations, loop.handshake_durations());
  sum_.tls.handshakes = with_more(sum_.tls.handshakes, loop.counters().tls_outcomes);
}

Metrics MetricsSum::take() {
  sum_.users = count_distinct(users_);
  sum_.rooms = count_distinct(rooms_);
  return std::move(sum_);
}

}  // namespace hearth::server
