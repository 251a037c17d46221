#pragma once

#include "api/answer.hpp"
#include "api/gate.hpp"
#include "api/host.hpp"
#include "api/readiness.hpp"
#include "api/shard_probe.hpp"
#include "config/config.hpp"
#include "hearth/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
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
  /// Throws std::invalid_argument if a pattern of `[[api.keys]]` is none. `probe` has to outlive this.
  ApiRoutes(const config::Config& config, ApiHost host, ShardProbe& probe);

  /// Never throws but for want of memory.
  boost::asio::awaitable<ApiAnswer> answer(ApiRequest request);
  /// From now on /readyz says no.
  void close() noexcept { is_closing_ = true; }
  /// Notes whether the broker is whole; to be called every now and then.
  void look_at_broker() { broker_.note(server_.broker_state()); }

 private:
  struct Route {
    std::string_view method;
    std::string_view path;
    std::optional<ApiScope> scope;  ///< nothing: for everybody
    boost::asio::awaitable<ApiAnswer> (ApiRoutes::*handle)(const ApiRequest&, const ApiGrant*);
  };
  static std::span<const Route> all() noexcept;
  /// Of what has been done here, and everywhere if `is_everywhere`.
  ApiAnswer done(bool is_everywhere = true) const;

  boost::asio::awaitable<ApiAnswer> dispatch(const ApiRequest& request);
  boost::asio::awaitable<ApiAnswer> admit(const Route& route, const ApiRequest& request);

  boost::asio::awaitable<ApiAnswer> livez(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> healthz(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> readyz(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> metrics(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> publish(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> disconnect(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> join(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> leave(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> block(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> unblock(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> drain(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> blocks(const ApiRequest& request, const ApiGrant* grant);
  boost::asio::awaitable<ApiAnswer> info(const ApiRequest& request, const ApiGrant* grant);

  Server& server_;
  ApiGate gate_;
  ShardProbe& probe_;
  std::optional<boost::asio::thread_pool> asking_{};  // a thread that waits for shards, once there is a scrape
  std::function<void()> end_;                         // nothing once it has been called
  const std::string name_;                            // of this instance
  BrokerReadiness broker_;
  bool is_closing_ = false;
};

}  // namespace hearth::app
