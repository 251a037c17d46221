#include "api/body.hpp"
#include "api/handlers.hpp"
#include "api/publish_request.hpp"
#include "api/routes.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace hearth::app::routes {

namespace {

/// What may stand in a batch, by the path of its route.
constexpr std::array<std::string_view, 6> kInBatch{"publish", "disconnect", "join", "leave", "block", "unblock"};

void send(Server& server, const PublishRequestBody& publish) {
  for (const Target& target : publish.targets()) {
    server.publish(target, publish.event(), publish.data(), publish.exclude());
  }
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

Awaited publish(ApiDesk& desk, const ApiCall& call) {
  const PublishRequestBody publish(call.body);
  publish.check(*call.grant);
  if (publish.idempotency_key().empty()) {
    send(desk.server, publish);
    co_return done(desk);
  }
  const OnceKey key = Once::key_of(call.grant->name, publish.idempotency_key(), call.body);
  if (!co_await desk.once.claim(key)) co_return answer_of(200, {{"repeated", true}});
  std::exception_ptr failure;
  try {
    send(desk.server, publish);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await desk.once.forget(key);
    std::rethrow_exception(failure);
  }
  co_await desk.once.finish(key);
  co_return done(desk);
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
