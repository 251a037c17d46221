#pragma once

#include "api/routes.hpp"
#include "api/sources.hpp"
#include "config/config.hpp"
#include "hearth/server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hearth::app {

/// The HTTP API: one thread that listens, reads requests and answers them.
class ApiListener {
 public:
  /// Connections at a time; more are closed at once.
  static constexpr std::size_t kMostConnections = 256;

  /// Binds the addresses; throws as `Server::start` does if one cannot be had. `server` has to outlive this, and
  /// so has what `sources` call. `end` is called once, on the API's thread, when somebody wants the server to drain and
  /// end.
  ApiListener(const config::ApiConfig& config, Server& server, ApiSources sources, std::function<void()> end);
  /// Stops. The server has been shut down before that.
  ~ApiListener();
  ApiListener(const ApiListener&) = delete;
  ApiListener& operator=(const ApiListener&) = delete;

  /// Takes requests from now on, on a thread of its own.
  void start();
  /// From any thread: /readyz says no from now on.
  void close();
  /// Every address listened on, with the ports taken.
  std::vector<std::string> addresses() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearth::app
