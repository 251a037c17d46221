#include "api/body.hpp"
#include "api/called_back.hpp"
#include "api/handlers.hpp"
#include "api/history_problem.hpp"
#include "api/publish_request.hpp"
#include "api/routes.hpp"
#include "hearth/history.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app::routes {

namespace {

/// What may stand in a batch, by the path of its route.
constexpr std::array<std::string_view, 6> kInBatch{"publish", "disconnect", "join", "leave", "block", "unblock"};

/// What has become of a request to publish.
struct Sent {
  boost::json::object positions{};  ///< of the rooms that remember
  std::size_t repeated = 0;         ///< how many of these had it already
};

bool remember_all(const Server& server, const PublishRequestBody& publish) {
  return std::all_of(publish.targets().begin(), publish.targets().end(), [&](const Target& target) {
    return target.kind == Target::Kind::room && server.remembers(target.name);
  });
}

// Within what one key of the API calls so.
std::string once_in_log(const ApiGrant& grant, const PublishRequestBody& publish) {
  if (publish.idempotency_key().empty()) return {};
  return "api:" + grant.name + '\0' + publish.idempotency_key();
}

// Rooms that remember come first: if one of them cannot, nobody has been sent anything that a second try would double.
boost::asio::awaitable<Sent> send(Server& server, const PublishRequestBody& publish, const ApiGrant& grant) {
  Sent sent;
  const std::string once = once_in_log(grant, publish);
  std::vector<Target> others;
  for (const Target& target : publish.targets()) {
    if (target.kind != Target::Kind::room || !server.remembers(target.name)) {
      others.push_back(target);
      continue;
    }
    const PublishOptions options{publish.key(), once, publish.exclude()};
    const auto append = [&](Done<Appended> done) {
      server.publish(target.name, publish.event(), publish.data(), options, std::move(done));
    };
    const auto appended = co_await called_back<Result<Appended>>(append);
    if (!appended) throw problem_of(appended.error());
    const auto& [position, was_there] = *appended;
    if (was_there) ++sent.repeated;
    sent.positions[target.name] = {{"epoch", position.epoch.str()}, {"offset", position.offset}};
  }
  for (const Target& target : others) {
    if (target.kind == Target::Kind::room) {
      const PublishOptions options{.key = publish.key(), .exclude = publish.exclude()};
      server.publish(target.name, publish.event(), publish.data(), options);
    } else {
      server.publish(target, publish.event(), publish.data(), publish.exclude());
    }
  }
  co_return sent;
}

ApiAnswer answer_to(ApiDesk& desk, Sent sent, const PublishRequestBody& publish) {
  ApiAnswer answer = done(desk);
  if (sent.positions.empty()) return answer;
  const bool is_degraded = answer.status != 200;
  boost::json::object body{{"positions", std::move(sent.positions)}};
  if (sent.repeated == publish.targets().size()) body["repeated"] = true;
  if (is_degraded) body["broker"] = "degraded";
  return answer_of(answer.status, body);
}

const ApiRoute* route_in_batch(std::string_view id) {
  if (std::find(kInBatch.begin(), kInBatch.end(), id) == kInBatch.end()) return nullptr;
  const auto all = api_routes();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ApiRoute& route) { return route.id == id; });
  return found == all.end() ? nullptr : &*found;
}

/// One request of a batch: an object with a single member, which is called like its route.
struct BatchItem {
  const ApiRoute* route;
  std::string_view body;
};

BatchItem read_item(JsonView text) {
  const ApiBody item(text.text(), {"publish", "disconnect", "join", "leave", "block", "unblock"});
  const std::string_view id = item.one_of({"publish", "disconnect", "join", "leave", "block", "unblock"});
  return {route_in_batch(id), item.raw(id).text()};
}

Awaited carry_out(ApiDesk& desk, const ApiGrant& grant, JsonView text) {
  const BatchItem item = read_item(text);
  check_access(*item.route, grant);
  const ApiQuery none;
  const ApiCall call{{}, none, item.body, &grant};
  co_return co_await item.route->handle(desk, call);
}

/// As it stands among the results: the answer's members, and its status.
std::string result_of(const ApiAnswer& answer) {
  const std::string status = "\"status\":" + std::to_string(answer.status);
  if (answer.body.find("\"status\"") != std::string::npos) return answer.body;  // a problem, which has it already
  return '{' + status + (answer.body == "{}" ? "}" : ',' + answer.body.substr(1));
}

}  // namespace

// Where all rooms remember, their logs know what they have already, though not what it was.
Awaited publish(ApiDesk& desk, const ApiCall& call) {
  const PublishRequestBody publish(call.body);
  publish.check(*call.grant);
  if (publish.idempotency_key().empty()) {
    co_return answer_to(desk, co_await send(desk.server, publish, *call.grant), publish);
  }
  const OnceKey key = Once::key_of(call.grant->name, publish.idempotency_key(), call.body);
  if (remember_all(desk.server, publish)) {
    desk.once.expect_same(key);
    co_return answer_to(desk, co_await send(desk.server, publish, *call.grant), publish);
  }
  if (!co_await desk.once.claim(key)) co_return answer_of(200, {{"repeated", true}});
  std::exception_ptr failure;
  Sent sent;
  try {
    sent = co_await send(desk.server, publish, *call.grant);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await desk.once.forget(key);
    std::rethrow_exception(failure);
  }
  co_await desk.once.finish(key);
  co_return answer_to(desk, std::move(sent), publish);
}

Awaited batch(ApiDesk& desk, const ApiCall& call) {
  constexpr std::size_t kMost = 1000;
  const ApiBody body(call.body, {"requests"});
  const std::vector<JsonView> requests = body.elements("requests", kMost);
  std::string results;
  for (const JsonView request : requests) {
    ApiAnswer answer = co_await answered(desk.server, carry_out(desk, *call.grant, request));
    results += (results.empty() ? "" : ",") + result_of(answer);
  }
  co_return ApiAnswer{200, "{\"results\":[" + results + "]}", "application/json", {}, {}};
}

}  // namespace hearth::app::routes
