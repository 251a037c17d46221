#pragma once

#include "hearth/broker.hpp"
#include "hearth/json.hpp"
#include "hearth/server.hpp"
#include "hearth/target.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// The server and, through its broker, the others. Any thread; `server` and this have to outlive their use.
class ApiCluster {
 public:
  ApiCluster(Server& server, std::shared_ptr<Broker> broker) : server_(server), broker_(std::move(broker)) {}

  /// To the clients of this instance and of every other. Throws as `Server::send_to_client` does.
  void publish(const Target& target, std::string_view event, const Json& data, std::span<const std::string> exclude);
  /// Whether what is published goes to the others now, and does not wait for the broker.
  bool is_whole() const;

  /// The clients of this instance that are meant by `client` or `user`.
  std::vector<std::string> clients_of(const Target& target) const;
  const Server& server() const noexcept { return server_; }
  Server& server() noexcept { return server_; }

 private:
  Server& server_;
  std::shared_ptr<Broker> broker_;  // none: this instance is the cluster
};

}  // namespace hearth::app
