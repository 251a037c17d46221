#include "api/exposition.hpp"

#include "api/backend_exposition.hpp"
#include "api/families.hpp"
#include "hearth/version.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace {

using Values = Families::Values;

double real(std::uint64_t number) { return static_cast<double>(number); }

template <class Map, class Name>
Values values_of(const Map& map, Name name) {
  Values values;
  for (const auto& [key, count] : map) values.emplace_back(name(key), real(count));
  return values;
}

template <class Value>
Values of_shards(const Metrics& metrics, Value value) {
  Values values;
  for (const ShardMetrics& shard : metrics.shards) values.emplace_back(std::to_string(values.size()), value(shard));
  return values;
}

void add_build(Families& families, std::string_view revision) {
  families.gauge_family("hearth_build_info", "The version that runs, and the revision that it was built of, always 1");
  families.gauge_of({{"version", std::string(kVersion)}, {"revision", std::string(revision)}}, 1);
}

void add_what_is_there(Families& families, const Metrics& metrics) {
  families.gauges("hearth_connections", "Clients by state", "state",
                  {{"unauthorized", real(metrics.clients_unauthorized)},
                   {"authenticating", real(metrics.clients_authenticating)},
                   {"authenticated", real(metrics.clients_authenticated)}});
  families.gauge("hearth_users", "Users of whom somebody is here", real(metrics.users));
  families.gauge("hearth_rooms", "Rooms that somebody is in", real(metrics.rooms));
  families.gauge("hearth_memberships", "Memberships of clients in rooms", real(metrics.memberships));
  families.gauge("hearth_backlog_bytes", "Bytes that wait for clients", real(metrics.backlog_bytes));
  families.gauge("hearth_clients_backpressured", "Clients whose backlog is full", real(metrics.clients_backpressured));
  families.gauge("hearth_clients_throttled", "Clients that are not read, since they are past a limit",
                 real(metrics.clients_throttled));
  families.gauge("hearth_blocks", "Blocks of users and tokens that have not ended", real(metrics.blocks));
  families.gauge("hearth_draining", "Whether this instance sends its clients away", metrics.draining ? 1 : 0);
}

void add_clients(Families& families, const Metrics& metrics) {
  const Statistics& counters = metrics.counters;
  families.counter("hearth_connections_accepted_total", "Connections accepted", real(counters.connections_accepted));
  families.counters("hearth_connections_refused_total", "Connections that did not become clients, by why", "reason",
                    values_of(metrics.refusals, [](std::string_view reason) { return std::string(reason); }));
  families.counters("hearth_disconnects_total", "Authenticated clients that have gone, by close code", "code",
                    values_of(metrics.disconnects, [](std::uint16_t code) { return std::to_string(code); }));
  families.counters("hearth_limit_hits_total", "How often a limit was reached", "limit",
                    values_of(metrics.limit_hits, [](std::string_view limit) { return std::string(limit); }));
  families.counter("hearth_protocol_errors_total", "Connections closed because the peer broke RFC 6455 or a limit",
                   real(counters.protocol_errors));
  families.counter("hearth_decryption_failures_total", "Encrypted messages that did not open",
                   real(counters.decryption_failures));
}

std::array<std::pair<const char*, std::uint64_t>, 6> outcomes_of(const AuthenticationCounts& counts) {
  return {{{"accepted", counts.accepted},
           {"rejected", counts.rejected},
           {"expired", counts.expired},
           {"blocked", counts.blocked},
           {"unavailable", counts.unavailable},
           {"failed", counts.failed}}};
}

// Those that may yet come are there from the beginning, as counters have to be whose rates somebody looks at.
void add_authentications(Families& families, const Metrics& metrics, const AccessStatistics& access) {
  auto methods = metrics.authentication_methods;
  for (const std::string_view method : access.methods) methods.try_emplace(std::string(method));
  families.counter_family("hearth_authentications_total",
                          "What became of authenticate, renewals included, by what was to prove who it is");
  for (const auto& [method, counts] : methods) {
    for (const auto& [outcome, count] : outcomes_of(counts)) {
      families.counter_of({{"method", std::string(method)}, {"outcome", std::string(outcome)}}, real(count));
    }
  }
}

void add_messages(Families& families, const Metrics& metrics) {
  const Statistics& counters = metrics.counters;
  families.counters("hearth_publications_total", "Messages to clients, users, rooms and all, by who made them",
                    "source",
                    {{"client", real(metrics.publications.clients)},
                     {"api", real(metrics.publications.application)},
                     {"broker", real(metrics.publications.broker)}});
  families.histogram(
      "hearth_delivery_lag_seconds",
      "Turns of the shards' loops, from taking in the first publication to handing the last to the kernel",
      metrics.delivery_lag);
  families.counter("hearth_messages_received_total", "Messages of clients", real(counters.messages_received));
  families.counter("hearth_messages_sent_total", "Deliveries: a message to a room of ten counts ten",
                   real(counters.messages_sent));
  families.counter("hearth_received_bytes_total", "Bytes from clients, with all that TLS and frames add",
                   real(counters.bytes_received));
  families.counter("hearth_sent_bytes_total", "Bytes to clients, with all that TLS and frames add",
                   real(counters.bytes_sent));
  families.counters("hearth_messages_dropped_total", "Deliveries that clients did not get since they read too slowly",
                    "reason", values_of(metrics.drops, [](std::string_view reason) { return std::string(reason); }));
}

void add_shards(Families& families, const Metrics& metrics) {
  families.gauges("hearth_shard_connections", "Connections of a shard", "shard",
                  of_shards(metrics, [](const ShardMetrics& shard) { return real(shard.connections); }));
  families.counters("hearth_shard_busy_seconds_total", "Seconds that a shard was at work", "shard",
                    of_shards(metrics, [](const ShardMetrics& shard) { return shard.busy_seconds; }));
  families.histogram("hearth_tick_duration_seconds", "Turns of the shards' loops, without waiting", metrics.ticks);
  families.counter("hearth_accept_pauses_total", "Times that accepting stopped for want of a file descriptor",
                   real(metrics.counters.accept_pauses));
  families.counter("hearth_log_lines_suppressed_total", "Log lines left out, since there were too many of their kind",
                   real(metrics.log_lines_suppressed));
  families.counter("hearth_log_lines_dropped_total", "Log lines for which there was no room",
                   real(metrics.log_lines_dropped));
}

void add_broker(Families& families, const Metrics& metrics) {
  const BrokerStatistics& broker = metrics.broker;
  families.gauge("hearth_broker_ready", "Whether this instance is joined to the others, 1 without a broker",
                 metrics.broker_state == BrokerState::ready ? 1 : 0);
  families.gauge("hearth_broker_queued_bytes", "Bytes that wait to go to the broker", real(broker.queued_bytes));
  families.gauge("hearth_broker_subscriptions", "Addresses subscribed to", real(broker.subscriptions));
  families.counter("hearth_broker_published_total", "Messages that the broker has confirmed", real(broker.published));
  families.counter("hearth_broker_received_total", "Messages that came from the broker", real(broker.received));
  families.counter("hearth_broker_dropped_total", "Messages dropped because too many waited", real(broker.dropped));
  families.counter("hearth_broker_unconfirmed_total", "Messages under way when the link broke",
                   real(broker.unconfirmed));
  families.counter("hearth_broker_refused_total", "Messages that the broker would not take", real(broker.refused));
  families.counter("hearth_broker_malformed_total", "Messages dropped because they were no envelope",
                   real(broker.malformed));
  families.counter("hearth_broker_reconnects_total", "Times that the link to the others came back",
                   real(broker.reconnects));
  families.counter("hearth_broker_gaps_total", "Times that messages of others may have been missed", real(broker.gaps));
  if (broker.round_trips.bounds.empty()) return;
  families.histogram("hearth_broker_round_trip_seconds", "From a message's leaving to its being confirmed",
                     broker.round_trips);
}

void add_tls(Families& families, const TlsMetrics& tls) {
  if (tls.handshakes.empty()) return;
  families.counter_family("hearth_tls_handshakes_total",
                          "TLS handshakes with clients, by version and what came of them");
  for (const TlsHandshakeCount& handshakes : tls.handshakes) {
    families.counter_of({{"version", std::string(handshakes.version)}, {"outcome", std::string(handshakes.outcome)}},
                        real(handshakes.count));
  }
  families.histogram("hearth_tls_handshake_duration_seconds", "TLS handshakes that were done", tls.durations);
}

void add_requests(Families& families, const RequestCounts& requests) {
  families.counter_family("hearth_api_requests_total", "Requests to the API, by route and status");
  for (const auto& [route, counts] : requests.routes()) {
    for (const auto& [code, count] : counts.codes) {
      families.counter_of({{"route", std::string(route)}, {"code", std::to_string(code)}}, real(count));
    }
  }
  families.histogram_family("hearth_api_request_duration_seconds", "Requests to the API, until the answer was there");
  for (const auto& [route, counts] : requests.routes()) {
    families.histogram_of({{"route", std::string(route)}}, counts.durations);
  }
}

void add_access(Families& families, const Metrics& metrics, const AccessStatistics& access) {
  add_authentications(families, metrics, access);
  const AuthenticationCounts& counts = metrics.authentications;
  Values reasons;
  for (const auto& [reason, count] : access.failures) reasons.emplace_back(reason, real(count));
  reasons.insert(
      reasons.end(),
      {{"blocked", real(counts.blocked)}, {"unavailable", real(counts.unavailable)}, {"failed", real(counts.failed)}});
  families.counters("hearth_authentication_failures_total", "Why clients were not let in", "reason", reasons);
  if (access.rules.empty()) return;
  families.counter_family("hearth_rule_decisions_total", "Decisions of rules about rooms");
  for (const AccessStatistics::RuleDecisions& of : access.rules) {
    families.counter_of(
        {{"rule", std::string(of.rule)}, {"action", std::string(of.action)}, {"outcome", std::string(of.outcome)}},
        real(of.count));
  }
}

void add_process(Families& families, const ProcessFigures& process) {
  families.counter("process_cpu_seconds_total", "Seconds of all threads on a processor", process.cpu_seconds);
  families.gauge("process_start_time_seconds", "When the process began", process.start_time);
  families.gauge("process_virtual_memory_bytes", "Size of its address space", real(process.virtual_bytes));
  families.gauge("process_resident_memory_bytes", "Memory that it has", real(process.resident_bytes));
  families.gauge("process_open_fds", "File descriptors that are open", real(process.open_descriptors));
  families.gauge("process_max_fds", "File descriptors that may be open", real(process.most_descriptors));
}

void add_history(Families& families, const HistoryMetrics& history) {
  families.gauge("hearth_history_rooms", "Rooms that remember and have members here", real(history.rooms));
  families.gauge("hearth_history_rooms_blind", "Those of them that may be missing something", real(history.blind));
  families.counter("hearth_history_publications_total", "Publications that came to such rooms",
                   real(history.publications));
  families.counter("hearth_history_reads_total", "Pages of logs that were asked for to close gaps",
                   real(history.reads));
  families.counter("hearth_history_resets_total", "Times that the members of a room were told of a gap, by shard",
                   real(history.resets));
  families.counter("hearth_history_rolled_back_total", "Publications of this instance that a log has lost",
                   real(history.rolled_back));
  families.counter("hearth_history_unrecorded_total", "Messages to such rooms that are in no log",
                   real(history.unrecorded));
}

void add_presence(Families& families, const PresenceMetrics& presence) {
  families.gauge("hearth_presence_rooms", "Rooms that tell who is in them and have members here", real(presence.rooms));
  families.gauge("hearth_presence_members", "Members of such rooms that are known by name", real(presence.members));
  families.gauge("hearth_presence_instances", "Other instances that are taken to live", real(presence.instances));
  families.gauge("hearth_presence_stale", "Whether what is known of others may be old", presence.stale ? 1 : 0);
  families.counter("hearth_presence_changes_total", "Changes that members were told", real(presence.changes));
  families.counter("hearth_presence_reports_total", "Reports of own members to the other instances",
                   real(presence.reports));
  families.counter("hearth_presence_reads_total", "Reads of what the others have reported", real(presence.reads));
  families.counter("hearth_presence_failures_total", "Beats, reports and reads that Redis did not take",
                   real(presence.failures));
}

}  // namespace

std::string exposition(const Exposed& instance) {
  const Metrics& metrics = instance.metrics;
  const ApiSources& sources = instance.sources;
  Families families;
  families.gauges("hearth_node_name", "The name of this instance, always 1", "name", {{instance.name, 1}});
  add_build(families, instance.revision);
  add_what_is_there(families, metrics);
  add_clients(families, metrics);
  add_messages(families, metrics);
  add_tls(families, metrics.tls);
  add_shards(families, metrics);
  add_process(families, instance.process);
  add_requests(families, instance.requests);
  add_access(families, metrics, sources.access ? sources.access() : AccessStatistics());
  add_broker(families, metrics);
  add_history(families, metrics.history);
  add_presence(families, metrics.presence);
  if (sources.reload) {
    const ReloadFigures reload = sources.reload();
    families.gauge("hearth_config_reload_success", "Whether the last reload of the configuration was one",
                   reload.was_successful ? 1 : 0);
    families.gauge("hearth_config_reload_timestamp_seconds", "When the configuration that holds was read",
                   reload.finished_at);
  }
  if (const auto backend = sources.backend ? sources.backend() : std::nullopt) add_backend(families, *backend);
  if (sources.events) add_events(families, sources.events());
  if (sources.certificates) {
    Values ends;
    for (const CertificateEnd& end : sources.certificates()) ends.emplace_back(end.certificate, end.at);
    families.gauges("hearth_tls_certificate_expiry_timestamp_seconds", "When a certificate that is shown ends",
                    "certificate", ends);
  }
  if (sources.key_sets) add_key_sets(families, sources.key_sets());
  return families.str();
}

}  // namespace hearth::app
