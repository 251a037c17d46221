#pragma once

#include "hearth/broker.hpp"
#include "hub/delivery.hpp"
#include "protocol/client_id.hpp"

#include <atomic>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::hub {

class ServerCore;

/// Those of the texts that are client ids.
std::vector<protocol::ClientId> parse_ids(std::span<const std::string> texts);

/// Where a server and its broker meet. Does nothing if there is no broker.
class BrokerPort final : public BrokerSink {
 public:
  explicit BrokerPort(ServerCore& core) : core_(core) {}

  /// Throws what the broker throws.
  void start();
  void stop();
  /// From any thread: to the other instances. `from` is the client that sends it, as JSON, if one does.
  void publish(const Target& target, std::string_view event, JsonView data, std::span<const std::string> exclude = {},
               JsonView from = {});
  BrokerState state() const;
  BrokerStatistics statistics() const;

  // BrokerSink
  void message(const BrokerMessage& message) override;
  void gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) override;
  void log(LogLevel level, std::string_view line) override;

 private:
  ServerCore& core_;
  std::atomic<bool> started_{false};
};

}  // namespace hearth::hub
