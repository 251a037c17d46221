// Brokers of one process, whose sinks are called by whoever publishes.

#include "broker/probe.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace hearth::test {
namespace {

// As two servers do whose shards send to each other.
TEST(LocalBroker, TwoSinksMayWaitForEachOther) {
  const LocalExchange exchange;
  Probe one(make_local_broker(exchange));
  Probe other(make_local_broker(exchange));
  one.start();
  other.start();
  std::atomic<int> inside{0};
  const auto meet = [&](const BrokerMessage& message) {
    if (message.event != "meet") return;
    ++inside;
    eventually("the other sink to be called", [&] { return inside == 2; });
  };
  one.on_message(meet);
  other.on_message(meet);
  std::thread first([&] { one.publish({}, "meet"); });
  std::thread second([&] { other.publish({}, "meet"); });
  first.join();
  second.join();
  eventually("both to have met",
             [&] { return one.count("everybody  meet") == 1 && other.count("everybody  meet") == 1; });
}

TEST(LocalBroker, TwoBrokersMayBeStoppedInEachOthersSink) {
  const LocalExchange exchange;
  Probe one(make_local_broker(exchange));
  Probe other(make_local_broker(exchange));
  one.start();
  other.start();
  std::atomic<int> inside{0};
  const auto stop_in_sink_of = [&](Probe& sink, Probe& stopped) {
    sink.on_message([&](const BrokerMessage&) {
      ++inside;
      eventually("the other sink to be called", [&] { return inside == 2; });
      stopped->stop();
    });
  };
  stop_in_sink_of(one, other);
  stop_in_sink_of(other, one);
  std::thread first([&] { one.publish({}, "stop"); });
  std::thread second([&] { other.publish({}, "stop"); });
  first.join();
  second.join();
  EXPECT_EQ(one->state(), BrokerState::stopped);
  EXPECT_EQ(other->state(), BrokerState::stopped);
}

}  // namespace
}  // namespace hearth::test
