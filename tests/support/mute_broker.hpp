#pragma once

#include "hearth/broker.hpp"

#include <functional>
#include <span>

namespace hearth::test {

/// A broker that joins instances without carrying what they are to do, and keeps nothing.
class MuteBroker : public Broker {
 public:
  void start(BrokerSink& /*sink*/) override {}
  void stop() override {}
  void publish(const BrokerMessage& /*message*/) override {}
  bool subscribe(std::span<const BrokerAddress> /*addresses*/, std::function<void()> /*done*/) override { return true; }
  void unsubscribe(std::span<const BrokerAddress> /*addresses*/) override {}
  BrokerState state() const override { return BrokerState::ready; }
  BrokerStatistics statistics() const override { return {}; }
};

}  // namespace hearth::test
