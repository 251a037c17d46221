#pragma once

#include "api/admission.hpp"
#include "api/event_stream.hpp"
#include "api/host.hpp"
#include "api/live.hpp"
#include "api/once.hpp"
#include "api/readiness.hpp"
#include "api/request_counts.hpp"
#include "api/shard_probe.hpp"
#include "config/config.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hearth::app {

/// What the routes have at hand. One thread, that of `executor`.
struct ApiDesk {
  /// Throws std::invalid_argument if a pattern of `[[api.keys]]` is none.
  ApiDesk(const config::Config& config, ApiHost surroundings, ShardProbe& shards,
          const boost::asio::any_io_executor& executor)
      : server(surroundings.server),
        host(std::move(surroundings)),
        probe(shards),
        name(config.server.name),
        has_broker(config.broker.url.has_value()),
        broker(config.broker.unready_after),
        admission(config.api.keys),
        live(has_broker),
        streams(executor),
        once(config.broker.url, executor) {}

  /// What a function returns that asks shards, called on a thread that may wait for them: one that hangs must not hang
  /// the API. GCC 12 destroys a function twice that is made within `co_await`: give it a name.
  template <class Ask>
  auto ask(Ask function) -> boost::asio::awaitable<decltype(function())> {
    if (!asking) asking.emplace(1);
    co_return co_await boost::asio::co_spawn(*asking, called(std::move(function)), boost::asio::use_awaitable);
  }
  /// A stream that is told no more once who opened it would not be let in any more. `beat` is called once a second.
  std::shared_ptr<EventStream> open_stream(const ApiPass& pass, std::function<void(EventStream&)> beat = {});
  bool is_draining() const { return is_closing || server.is_draining(); }

  Server& server;
  ApiHost host;
  ShardProbe& probe;
  const std::string name;  ///< of this instance
  const std::chrono::system_clock::time_point started_at = std::chrono::system_clock::now();
  const bool has_broker;  ///< there may be others
  BrokerReadiness broker;
  Admission admission;
  Live live;
  EventStreams streams;
  Once once;
  RequestCounts requests;
  bool is_closing = false;  ///< /readyz says no

 private:
  template <class Ask>
  static auto called(Ask function) -> boost::asio::awaitable<decltype(function())> {
    co_return function();
  }

  std::optional<boost::asio::thread_pool> asking;  // once there is a question
};

}  // namespace hearth::app
