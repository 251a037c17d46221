#include "api/routes.hpp"

#include <exception>
#include <stdexcept>
#include <string>
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

Awaited ApiRoutes::answer(ApiRequest request) { co_return co_await answered(desk_.server, dispatch(request)); }

Awaited ApiRoutes::dispatch(const ApiRequest& request) {
  std::string allowed;
  for (const ApiRoute& route : api_routes()) {
    const auto name = match(route, request.path);
    if (!name) continue;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) {
      co_return co_await admit(route, request, *name);
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (auto page = pages_.answer(request.method, request.path, request.if_none_match)) co_return *std::move(page);
  if (allowed.empty()) throw ApiProblem{404, "no_such_route", "there is no such route", {}};
  ApiAnswer answer = answer_of({405, "method_not_allowed", "this route is for " + allowed, {}});
  answer.fields.emplace_back("Allow", allowed);
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
