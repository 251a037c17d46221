#include "api/trouble.hpp"
#include "config/times.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace hearth::app {

namespace {

using Time = std::chrono::system_clock::time_point;

Time time_of(double seconds) {
  return Time(std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(seconds)));
}

/// The one that ends first.
std::string about_certificates(const std::vector<CertificateEnd>& ends, Time now) {
  const auto first =
      std::min_element(ends.begin(), ends.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  if (first == ends.end() || time_of(first->at) - now >= kNearEnd) return {};
  const std::string verb = time_of(first->at) <= now ? " has ended at " : " ends at ";
  return "the certificate " + first->certificate + verb + config::show_time(time_of(first->at));
}

std::string about_keys(const KeySetStatistics& statistics) {
  for (const KeySetStatistics::Set& set : statistics.sets) {
    if (!set.is_failing) continue;
    const std::string since = set.is_known ? "since " + config::show_time(time_of(set.last_success)) + " no" : "no";
    return "the keys of " + set.issuer + " cannot be fetched; " + since + " set has come";
  }
  return {};
}

}  // namespace

Troubles troubles_of(const ApiSources& sources, Time now) {
  Troubles troubles;
  if (sources.certificates) troubles[0] = about_certificates(sources.certificates(), now);
  if (sources.key_sets) troubles[1] = about_keys(sources.key_sets());
  if (sources.events) {
    const EventStatistics events = sources.events();
    if (events.is_failing) troubles[2] = "events are not taken, and wait: " + events.last_error;
  }
  const auto backend = sources.backend ? sources.backend() : std::nullopt;
  if (backend && backend->circuit_open) {
    troubles[3] = "the backend has failed too often, and what it would decide is refused meanwhile";
  }
  return troubles;
}

}  // namespace hearth::app
