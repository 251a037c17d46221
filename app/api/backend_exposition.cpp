#include "api/backend_exposition.hpp"

#include <cstddef>
#include <string>

namespace hearth::app {

void add_backend(Families& families, const BackendStatistics& statistics) {
  families.gauge("hearth_backend_in_flight", "Questions to the backend under way",
                 static_cast<double>(statistics.in_flight));
  families.gauge("hearth_backend_queued", "Questions that wait for one of them to be answered",
                 static_cast<double>(statistics.queued));
  families.gauge("hearth_backend_circuit_open", "Whether the backend has failed too often to be asked",
                 statistics.circuit_open ? 1 : 0);
  families.counter_family("hearth_backend_requests_total", "Requests to the backend, by what came of them");
  for (std::size_t type = 0; type < kBackendRequestTypes.size(); ++type) {
    for (std::size_t outcome = 0; outcome < kBackendOutcomes.size(); ++outcome) {
      families.counter_of(
          {{"type", std::string(kBackendRequestTypes[type])}, {"outcome", std::string(kBackendOutcomes[outcome])}},
          static_cast<double>(statistics.requests[type][outcome]));
    }
  }
  families.histogram_family("hearth_backend_request_duration_seconds", "Requests that were sent to the backend");
  for (std::size_t type = 0; type < kBackendRequestTypes.size(); ++type) {
    families.histogram_of({{"type", std::string(kBackendRequestTypes[type])}}, statistics.durations[type]);
  }
}

void add_events(Families& families, const EventStatistics& statistics) {
  families.gauge("hearth_events_queued", "Events that wait to be taken", static_cast<double>(statistics.queued));
  families.gauge("hearth_events_queue_bytes", "Bytes of these", static_cast<double>(statistics.queue_bytes));
  families.gauge("hearth_events_oldest_age_seconds", "How long the oldest of them waits", statistics.oldest_age);
  families.counter("hearth_events_sent_total", "Events that were taken", static_cast<double>(statistics.sent));
  families.counter("hearth_events_dropped_total", "Events that went lost for want of room",
                   static_cast<double>(statistics.dropped));
}

void add_key_sets(Families& families, const KeySetStatistics& statistics) {
  if (statistics.sets.empty()) return;
  Families::Values keys;
  Families::Values times;
  for (const KeySetStatistics::Set& set : statistics.sets) {
    keys.emplace_back(set.issuer, static_cast<double>(set.keys));
    times.emplace_back(set.issuer, set.last_success);
  }
  families.gauges("hearth_jwks_keys", "Keys of an issuer whose key set is fetched", "issuer", keys);
  families.gauges("hearth_jwks_last_success_timestamp_seconds", "When its key set last came, 0: never", "issuer",
                  times);
  families.counters(
      "hearth_jwks_refreshes_total", "Key sets fetched, by what came of it", "outcome",
      {{"fetched", static_cast<double>(statistics.fetched)}, {"failed", static_cast<double>(statistics.failed)}});
}

}  // namespace hearth::app
