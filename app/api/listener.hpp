#pragma once

#include "api/gate.hpp"
#include "api/host.hpp"
#include "config/config.hpp"
#include "hearth/tls_context.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hearth::app {

/// The HTTP API: one thread that listens, reads requests and answers them.
class ApiListener {
 public:
  /// Connections at a time; more are closed at once.
  static constexpr std::size_t kMostConnections = 256;

  /// Binds the addresses of `[api]`; throws as `Server::start` does if one cannot be had.
  ApiListener(const config::Config& config, ApiHost host);
  /// Stops. The server has been shut down before that.
  ~ApiListener();
  ApiListener(const ApiListener&) = delete;
  ApiListener& operator=(const ApiListener&) = delete;

  /// Takes requests from now on, on a thread of its own.
  void start();
  /// From any thread: /readyz says no from now on.
  void close();
  /// From any thread: other keys hold from now on, before any request that comes later.
  void set_gate(ApiGate gate);
  /// From any thread: other certificates for connections that come from now on. Has been given TLS at the start.
  void set_tls(TlsContext tls);
  /// Every address listened on, with the ports taken.
  std::vector<std::string> addresses() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearth::app
