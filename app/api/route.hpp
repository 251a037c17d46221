#pragma once

#include "api/admission.hpp"
#include "api/answer.hpp"
#include "api/gate.hpp"
#include "api/query.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearth::app {

struct ApiDesk;

/// A request to the API. Views: good while it is answered.
struct ApiRequest {
  std::string_view method{};
  std::string_view path{};   ///< without query
  std::string_view query{};  ///< without `?`
  std::string_view body{};
  ApiCaller caller{};
  std::string_view if_none_match{};
};

/// A request that has been let in, as its route sees it. Views, too.
struct ApiCall {
  std::string_view name{};  ///< what stands for a part of the path, `{id}`
  const ApiQuery& query;
  std::string_view body{};
  const ApiGrant* grant = nullptr;    ///< nothing on a route for everybody
  const ApiPass* pass = nullptr;      ///< what it has been let in with; nothing there and in a batch
  const ApiCaller* caller = nullptr;  ///< nothing in a batch
};

/// Who may use a route: keys that have the scope, any key at all, or everybody.
enum class ApiAccess : std::uint8_t { everybody, any_key, publish, control, read };

/// What the API can be asked, and what openapi.json says of it.
struct ApiRoute {
  std::string_view method;
  std::string_view path;  ///< `/api/rooms/{room}`
  ApiAccess access;
  boost::asio::awaitable<ApiAnswer> (*handle)(ApiDesk& desk, const ApiCall& call);
  std::string_view id;       ///< a word, for programs that are made of it
  std::string_view summary;  ///< a line
  std::string_view answer;   ///< schema of what it answers if all is well
  std::string_view body{};   ///< schema of what it is sent, if anything
  std::string_view query{};  ///< its parameters, with spaces between
  unsigned status = 200;     ///< if all is well
};

/// All routes there are.
std::span<const ApiRoute> api_routes() noexcept;

/// The text that stands for the part in braces of a route's path, decoded; empty if there is no such part.
/// Nothing if this is not the route's path.
std::optional<std::string> match(const ApiRoute& route, std::string_view path);

/// Text of a URL, in which `%2F` stands for `/`; nothing if it has a `%` without two digits.
std::optional<std::string> decoded(std::string_view text);

}  // namespace hearth::app
