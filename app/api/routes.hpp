#pragma once

#include "api/answer.hpp"
#include "api/desk.hpp"
#include "api/gate.hpp"
#include "api/route.hpp"
#include "config/config.hpp"
#include "hearth/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <utility>

namespace hearth::app {

/// Throws ApiProblem if a key may not use a route.
void check_access(const ApiRoute& route, const ApiGrant& grant);

/// The answer, or the problem that was thrown in place of it. Never throws but for want of memory.
boost::asio::awaitable<ApiAnswer> answered(const Server& server, boost::asio::awaitable<ApiAnswer> handling);

/// Answers requests to the API by its routes. One thread; an answer may take its time while others are given.
class ApiRoutes {
 public:
  /// Throws std::invalid_argument if a pattern of `[[api.keys]]` is none. `desk` has to outlive this.
  ApiRoutes(const config::ApiConfig& config, ApiDesk& desk)
      : desk_(desk), gate_(std::make_shared<ApiGate>(config.keys)) {}

  /// Never throws but for want of memory.
  boost::asio::awaitable<ApiAnswer> answer(ApiRequest request);
  /// Other keys from now on; requests that were let in stay so.
  void set_gate(ApiGate gate) { gate_ = std::make_shared<ApiGate>(std::move(gate)); }

 private:
  boost::asio::awaitable<ApiAnswer> dispatch(const ApiRequest& request);
  boost::asio::awaitable<ApiAnswer> admit(const ApiRoute& route, const ApiRequest& request, const std::string& name);

  ApiDesk& desk_;
  std::shared_ptr<ApiGate> gate_;  // which requests under way keep
};

}  // namespace hearth::app
