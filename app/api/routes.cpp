#include "api/routes.hpp"

#include "api/block_body.hpp"
#include "api/body.hpp"
#include "api/exposition.hpp"
#include "api/publish_request.hpp"
#include "hearth/statistics.hpp"
#include "hearth/version.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hearth::app {

namespace {

namespace asio = boost::asio;

using Awaited = boost::asio::awaitable<ApiAnswer>;

constexpr std::uint16_t kDisconnected = 4010;
constexpr std::size_t kMostReason = 123;  // bytes, RFC 6455, 5.5

ApiAnswer json(unsigned status, const boost::json::object& body) {
  return {status, boost::json::serialize(body), "application/json", {}};
}

/// `client` or `user` of a body, which `name` holds.
Target one_target(const ApiBody& body, std::string& name) {
  const std::string_view member = body.one_of({"client", "user"});
  name = body.text(member);
  return member == "client" ? Target::client(name) : Target::user(name);
}

Awaited ask_metrics(const Server& server, const std::string& name) {
  co_return ApiAnswer{200, exposition(server.metrics(), name), kExpositionType, {}};
}

}  // namespace

ApiRoutes::ApiRoutes(const config::Config& config, ApiHost host, ShardProbe& probe)
    : server_(host.server),
      gate_(config.api.keys),
      probe_(probe),
      end_(std::move(host.end)),
      name_(config.server.name),
      broker_(config.broker.unready_after) {}

std::span<const ApiRoutes::Route> ApiRoutes::all() noexcept {
  static constexpr std::array<Route, 13> kAll{{{"GET", "/livez", std::nullopt, &ApiRoutes::livez},
                                               {"GET", "/healthz", std::nullopt, &ApiRoutes::healthz},
                                               {"GET", "/readyz", std::nullopt, &ApiRoutes::readyz},
                                               {"GET", "/metrics", std::nullopt, &ApiRoutes::metrics},
                                               {"POST", "/api/publish", ApiScope::publish, &ApiRoutes::publish},
                                               {"POST", "/api/disconnect", ApiScope::control, &ApiRoutes::disconnect},
                                               {"POST", "/api/join", ApiScope::control, &ApiRoutes::join},
                                               {"POST", "/api/leave", ApiScope::control, &ApiRoutes::leave},
                                               {"POST", "/api/block", ApiScope::control, &ApiRoutes::block},
                                               {"POST", "/api/unblock", ApiScope::control, &ApiRoutes::unblock},
                                               {"POST", "/api/drain", ApiScope::control, &ApiRoutes::drain},
                                               {"GET", "/api/blocks", ApiScope::read, &ApiRoutes::blocks},
                                               {"GET", "/api/info", ApiScope::read, &ApiRoutes::info}}};
  return kAll;
}

Awaited ApiRoutes::answer(ApiRequest request) {
  try {
    co_return co_await dispatch(request);
  } catch (const ApiProblem& problem) {
    co_return answer_of(problem);
  } catch (const std::logic_error& error) {  // what the library says of an argument
    co_return answer_of({422, "invalid_value", error.what(), {}});
  } catch (const std::exception& error) {
    server_.log(LogLevel::error, std::string("api: ") + error.what());
    co_return answer_of({500, "internal", "the request could not be carried out; the log says why", {}});
  }
}

Awaited ApiRoutes::dispatch(const ApiRequest& request) {
  std::string allowed;
  for (const Route& route : all()) {
    if (route.path != request.path) continue;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) {
      co_return co_await admit(route, request);
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) throw ApiProblem{404, "no_such_route", "there is no such route", {}};
  ApiAnswer answer = answer_of({405, "method_not_allowed", "this route is for " + allowed, {}});
  answer.fields.emplace_back("Allow", allowed);
  co_return answer;
}

Awaited ApiRoutes::admit(const Route& route, const ApiRequest& request) {
  if (!route.scope) co_return co_await (this->*route.handle)(request, nullptr);
  const auto admitted = gate_.admit(request.caller);
  if (const auto* problem = std::get_if<ApiProblem>(&admitted)) {
    ApiAnswer answer = answer_of(*problem);
    if (problem->status == 401) answer.fields.emplace_back("WWW-Authenticate", "Bearer");
    if (problem->status == 429) answer.fields.emplace_back("Retry-After", "60");
    co_return answer;
  }
  const ApiGrant* grant = std::get<const ApiGrant*>(admitted);
  if (!grant->allows(*route.scope)) {
    throw ApiProblem{403, "forbidden", "the key " + grant->name + " is not allowed this; see its `allow`", {}};
  }
  co_return co_await (this->*route.handle)(request, grant);
}

Awaited ApiRoutes::livez(const ApiRequest& /*request*/, const ApiGrant* /*grant*/) { co_return ApiAnswer{}; }

Awaited ApiRoutes::healthz(const ApiRequest& /*request*/, const ApiGrant* /*grant*/) {
  const bool healthy = co_await probe_.ask();
  co_return json(healthy ? 200 : 503, {{"healthy", healthy}});
}

Awaited ApiRoutes::readyz(const ApiRequest& /*request*/, const ApiGrant* /*grant*/) {
  look_at_broker();
  const bool is_draining = is_closing_ || server_.is_draining();
  const bool ready = broker_.is_ready() && !is_draining;
  co_return json(ready ? 200 : 503,
                 {{"ready", ready}, {"checks", {{"broker", broker_.str()}, {"draining", is_draining ? "yes" : "no"}}}});
}

// Every shard is asked, and one that hangs must not hang the API.
Awaited ApiRoutes::metrics(const ApiRequest& /*request*/, const ApiGrant* /*grant*/) {
  if (!asking_) asking_.emplace(1);
  co_return co_await asio::co_spawn(*asking_, ask_metrics(server_, name_), asio::use_awaitable);
}

ApiAnswer ApiRoutes::done(bool is_everywhere) const {
  if (server_.broker_state() != BrokerState::ready) return json(202, {{"broker", "degraded"}});
  return is_everywhere ? ApiAnswer{} : json(202, {{"broker", "unable"}});
}

Awaited ApiRoutes::publish(const ApiRequest& request, const ApiGrant* grant) {
  const PublishRequestBody publish(request.body);
  publish.check(*grant);
  for (const Target& target : publish.targets()) {
    server_.publish(target, publish.event(), publish.data(), publish.exclude());
  }
  co_return done();
}

Awaited ApiRoutes::disconnect(const ApiRequest& request, const ApiGrant* /*grant*/) {
  const ApiBody body(request.body, {"client", "user", "code", "reason", "except"});
  std::string name;
  const Target target = one_target(body, name);
  const auto except = body.optional_texts("except");
  const std::int64_t code = body.optional_number("code").value_or(kDisconnected);
  if (code < 1000 || code > 4999) throw invalid("code", "is no close code that may be sent (RFC 6455, 7.4)");
  const std::string reason = body.optional_text("reason").value_or("Disconnected");
  if (reason.size() > kMostReason) throw invalid("reason", "is longer than 123 bytes");
  co_return done(server_.disconnect(target, static_cast<std::uint16_t>(code), reason, except));
}

Awaited ApiRoutes::join(const ApiRequest& request, const ApiGrant* /*grant*/) {
  const ApiBody body(request.body, {"client", "user", "rooms"});
  std::string name;
  const Target target = one_target(body, name);
  co_return done(server_.join(target, read_rooms(body, "rooms")));
}

Awaited ApiRoutes::leave(const ApiRequest& request, const ApiGrant* /*grant*/) {
  const ApiBody body(request.body, {"client", "user", "rooms"});
  std::string name;
  const Target target = one_target(body, name);
  co_return done(server_.leave(target, read_rooms(body, "rooms")));
}

Awaited ApiRoutes::block(const ApiRequest& request, const ApiGrant* /*grant*/) {
  co_return done(server_.block(read_block(request.body)));
}

Awaited ApiRoutes::unblock(const ApiRequest& request, const ApiGrant* /*grant*/) {
  const ApiBody body(request.body, {"user", "token"});
  const std::string_view member = body.one_of({"user", "token"});
  const std::string name = body.text(member);
  co_return done(member == "user" ? server_.unblock_user(name) : server_.unblock_token(name));
}

Awaited ApiRoutes::drain(const ApiRequest& request, const ApiGrant* /*grant*/) {
  if (!request.body.empty()) ApiBody(request.body, {});
  close();
  if (const auto end = std::exchange(end_, {})) end();
  co_return json(202, {{"draining", true}});
}

Awaited ApiRoutes::blocks(const ApiRequest& /*request*/, const ApiGrant* /*grant*/) {
  boost::json::array list;
  for (const Block& block : server_.blocks()) list.push_back(json_of(block));
  co_return json(200, {{"blocks", std::move(list)}});
}

Awaited ApiRoutes::info(const ApiRequest& /*request*/, const ApiGrant* /*grant*/) {
  const Statistics statistics = server_.statistics();
  co_return json(200, {{"name", name_},
                       {"version", std::string(kVersion)},
                       {"connections", statistics.connections_open},
                       {"clients", statistics.clients_authenticated},
                       {"messagesReceived", statistics.messages_received},
                       {"messagesSent", statistics.messages_sent},
                       {"messagesDropped", statistics.messages_dropped}});
}

}  // namespace hearth::app
