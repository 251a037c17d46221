#include "api/cluster.hpp"
#include "api/exposition.hpp"
#include "api/handlers.hpp"
#include "api/openapi.hpp"
#include "api/process_figures.hpp"
#include "backend/statistics.hpp"
#include "config/times.hpp"
#include "hearth/statistics.hpp"
#include "hearth/version.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace hearth::app::routes {

namespace {

boost::json::object events_json(const EventStatistics& events) {
  boost::json::object object{
      {"depth", events.queued},      {"bytes", events.queue_bytes}, {"oldestSeconds", events.oldest_age},
      {"sent", events.sent},         {"dropped", events.dropped},   {"retries", events.retries},
      {"failing", events.is_failing}};
  object["lastError"] = events.last_error.empty() ? boost::json::value() : boost::json::value(events.last_error);
  if (events.last_error_at > 0) {
    const std::chrono::seconds at(static_cast<std::int64_t>(events.last_error_at));
    object["lastErrorAt"] = config::show_time(std::chrono::system_clock::time_point(at));
  }
  return object;
}

}  // namespace

Awaited livez(ApiDesk& /*desk*/, const ApiCall& /*call*/) { co_return ApiAnswer{}; }

Awaited healthz(ApiDesk& desk, const ApiCall& /*call*/) {
  const bool healthy = co_await desk.probe.ask();
  co_return answer_of(healthy ? 200 : 503, {{"healthy", healthy}});
}

Awaited readyz(ApiDesk& desk, const ApiCall& /*call*/) {
  desk.broker.note(desk.server.broker_state());
  const bool is_draining = desk.is_draining();
  boost::json::object checks{{"broker", desk.broker.str()}, {"draining", is_draining ? "yes" : "no"}};
  bool ready = desk.broker.is_ready() && !is_draining;
  const auto& source = desk.host.sources.key_sets;
  if (const KeySetStatistics key_sets = source ? source() : KeySetStatistics(); !key_sets.sets.empty()) {
    const bool have_come = key_sets.have_all_come();
    checks.emplace("jwks", have_come ? "ok" : "never fetched");
    ready = ready && have_come;
  }
  co_return answer_of(ready ? 200 : 503, {{"ready", ready}, {"checks", std::move(checks)}});
}

Awaited metrics(ApiDesk& desk, const ApiCall& /*call*/) {
  Server& server = desk.server;
  const auto snapshot = [&server] { return std::pair(server.metrics(), read_process_figures()); };
  const auto [metrics, process] = co_await desk.ask(snapshot);
  std::string text = exposition({metrics, process, desk.requests, desk.host.sources, desk.name, desk.host.revision});
  co_return ApiAnswer{200, std::move(text), kExpositionType, {}, {}};
}

Awaited info(ApiDesk& desk, const ApiCall& call) {
  const Statistics statistics = desk.server.statistics();
  boost::json::object body{{"name", desk.name},
                           {"version", std::string(kVersion)},
                           {"connections", statistics.connections_open},
                           {"clients", statistics.clients_authenticated},
                           {"messagesReceived", statistics.messages_received},
                           {"messagesSent", statistics.messages_sent},
                           {"messagesDropped", statistics.messages_dropped}};
  body["startedAt"] = config::show_time(desk.started_at);
  body["draining"] = desk.is_draining();
  if (desk.has_broker) body["broker"] = word_of(desk.server.broker_state());
  if (const auto& events = desk.host.sources.events) {
    body["events"] = boost::json::object{{std::string(desk.host.sources.events_to), events_json(events())}};
  }
  if (call.query.is_for_cluster()) co_await add_cluster(desk, body);
  co_return answer_of(200, body);
}

Awaited openapi(ApiDesk& /*desk*/, const ApiCall& /*call*/) {
  co_return ApiAnswer{200, openapi_document(), "application/json", {}, {}};
}

}  // namespace hearth::app::routes
