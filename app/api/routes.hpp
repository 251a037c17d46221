#pragma once

#include "api/answer.hpp"
#include "api/cluster.hpp"
#include "api/gate.hpp"
#include "api/shard_probe.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace hearth::app {

/// A request to the API. Views: good while it is answered.
struct ApiRequest {
  std::string_view method{};
  std::string_view path{};  ///< without query
  std::string_view body{};
  ApiCaller caller{};
};

/// What the API does, route by route. One thread; an answer may take its time while others are given.
class ApiRoutes {
 public:
  ApiRoutes(ApiCluster cluster, ApiGate gate, ShardProbe& probe);

  /// Never throws but for want of memory.
  boost::asio::awaitable<ApiAnswer> answer(ApiRequest request);
  /// From now on /readyz says no.
  void drain() noexcept { is_draining_ = true; }

 private:
  struct Route {
    std::string_view method;
    std::string_view path;
    std::optional<ApiScope> scope;  ///< nothing: for everybody
    boost::asio::awaitable<ApiAnswer> (ApiRoutes::*handle)(const ApiRequest&, const ApiGrant*);
  };
  static std::span<const Route> all() noexcept;

  boost::asio::awaitable<ApiAnswer> dispatch(const ApiRequest& request);
  boost::asio::awaitable<ApiAnswer> admit(const Route& route, const ApiRequest& request);

  boost::asio::awaitable<ApiAnswer> livez(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> healthz(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> readyz(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> publish(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> disconnect(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> join(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> leave(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> info(const ApiRequest& request, const ApiGrant* grant);

  ApiCluster cluster_;
  ApiGate gate_;
  ShardProbe& probe_;
  bool is_draining_ = false;
};

}  // namespace hearth::app
