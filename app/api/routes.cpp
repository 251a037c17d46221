#include "api/routes.hpp"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace {

using Awaited = boost::asio::awaitable<ApiAnswer>;

ApiAnswer refusal(const ApiProblem& problem) {
  ApiAnswer answer = answer_of(problem);
  if (problem.status == 401) answer.fields.emplace_back("WWW-Authenticate", "Bearer");
  if (problem.status == 429) answer.fields.emplace_back("Retry-After", "60");
  if (problem.code == "too_many_streams") answer.fields.emplace_back("Retry-After", "5");
  if (problem.code == "idempotency_pending") answer.fields.emplace_back("Retry-After", "1");
  return answer;
}

bool is_allowed(ApiAccess access, const ApiGrant& grant) {
  switch (access) {
    case ApiAccess::publish:
      return grant.publish;
    case ApiAccess::control:
      return grant.control;
    case ApiAccess::read:
      return grant.read;
    case ApiAccess::any_key:
    case ApiAccess::everybody:
      break;
  }
  return true;
}

}  // namespace

void check_access(const ApiRoute& route, const ApiGrant& grant) {
  if (is_allowed(route.access, grant)) return;
  throw ApiProblem{403, "forbidden", "the key " + grant.name + " is not allowed this; see its `allow`", {}};
}

Awaited answered(const Server& server, Awaited handling) {
  try {
    co_return co_await std::move(handling);
  } catch (const ApiProblem& problem) {
    co_return refusal(problem);
  } catch (const std::logic_error& error) {  // what the library says of an argument
    co_return answer_of({422, "invalid_value", error.what(), {}});
  } catch (const std::exception& error) {
    server.log(LogLevel::error, std::string("api: ") + error.what());
    co_return answer_of({500, "internal", "the request could not be carried out; the log says why", {}});
  }
}

Awaited ApiRoutes::answer(ApiRequest request) {
  const auto began = std::chrono::steady_clock::now();
  const Destination to = find(request);
  Awaited handling = dispatch(to, request);
  ApiAnswer answer = co_await answered(desk_.server, std::move(handling));
  const bool is_page = to.path.empty() && answer.status != 404;
  const std::string_view path = !to.path.empty() ? to.path : is_page ? "page" : "none";
  desk_.requests.add(path, answer.status, std::chrono::steady_clock::now() - began);
  co_return answer;
}

ApiRoutes::Destination ApiRoutes::find(const ApiRequest& request) {
  Destination to;
  for (const ApiRoute& route : api_routes()) {
    auto name = match(route, request.path);
    if (!name) continue;
    to.path = route.path;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) {
      to.route = &route;
      to.name = *std::move(name);
      return to;
    }
    to.methods += (to.methods.empty() ? "" : ", ") + std::string(route.method);
  }
  return to;
}

Awaited ApiRoutes::dispatch(const Destination& to, const ApiRequest& request) {
  if (to.route != nullptr) co_return co_await admit(*to.route, request, to.name);
  if (auto page = pages_.answer(request.method, request.path, request.if_none_match)) co_return *std::move(page);
  if (to.methods.empty())
    throw ApiProblem{404, "no_such_route", "there is no such route; GET /api/openapi.json lists those there are", {}};
  ApiAnswer answer = answer_of({405, "method_not_allowed", "this route is for " + to.methods, {}});
  answer.fields.emplace_back("Allow", to.methods);
  co_return answer;
}

Awaited ApiRoutes::admit(const ApiRoute& route, const ApiRequest& request, const std::string& name) {
  ApiQuery query;
  ApiPass pass;
  ApiCall call{name, query, request.body, nullptr, &pass, &request.caller};
  if (route.access != ApiAccess::everybody) {
    pass = desk_.admission.admit(request.caller);
    call.grant = pass.grant;
    check_access(route, *call.grant);
    query = ApiQuery(request.query, route.query);
  }
  co_return co_await route.handle(desk_, call);
}

}  // namespace hearth::app
