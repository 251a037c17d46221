#pragma once

#include "api/answer.hpp"
#include "api/gate.hpp"
#include "api/shard_probe.hpp"
#include "api/sources.hpp"
#include "hearth/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
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
  /// `server` and `probe` have to outlive this. `end` is called once when somebody wants the server to drain and end.
  ApiRoutes(Server& server, ApiGate gate, ShardProbe& probe, ApiSources sources, std::function<void()> end);

  /// Never throws but for want of memory.
  boost::asio::awaitable<ApiAnswer> answer(ApiRequest request);
  /// From now on /readyz says no.
  void close() noexcept { is_closing_ = true; }

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
  const ApiSources sources_;
  std::optional<boost::asio::thread_pool> asking_{};  // a thread that waits for shards, once there is a scrape
  std::function<void()> end_;                         // nothing once it has been called
  bool is_closing_ = false;
};

}  // namespace hearth::app
