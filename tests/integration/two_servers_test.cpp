// Two servers in one process, whose shards work for each other.

#include "hearth/broker.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

// Both ask the other's shards while these ask theirs.
TEST(TwoServers, PlainHandlersMayAskEachOther) {
  constexpr int kQuestions = 200;
  TestServer first;
  TestServer second;
  std::atomic<int> asked = 0;
  const auto ask = [&asked](const TestServer& other) {
    return [&asked, &other](const Message&) {
      EXPECT_THAT(other.server().clients(), testing::SizeIs(1));
      ++asked;
    };
  };
  first.start({.message = ask(second)});
  second.start({.message = ask(first)});
  TestClient here = first.client();
  TestClient there = second.client();
  for (int i = 0; i < kQuestions; ++i) {
    here.send(envelope("ask"));
    there.send(envelope("ask"));
  }
  eventually("all answers", [&] { return asked == 2 * kQuestions; });
}

TEST(TwoServers, AHandlerMayShutTheOtherDown) {
  TestServer first;
  TestServer second;
  first.start({.message = [&](const Message&) { second->shutdown(); }});
  second.start();
  TestClient here = first.client();
  TestClient there = second.client();
  here.send(envelope("end"));
  EXPECT_EQ(there.expect_close().code, 1001);
  here.round_trip();
}

TEST(TwoServers, AHandlerMayDestroyTheOtherWhileThatAsksIt) {
  TestServer first;
  TestServer second;
  std::atomic<bool> asking = false;
  first.start({.message = [&](const Message&) {
    while (!asking) std::this_thread::yield();
    second.destroy();
  }});
  second.start({.client_disconnected = [&](const ClientDisconnected&) { static_cast<void>(first->clients()); },
                .message =
                    [&](const Message&) {
                      asking = true;
                      static_cast<void>(first->clients());
                    }});
  TestClient here = first.client();
  TestClient there = second.client();
  here.send(envelope("end"));
  there.send(envelope("ask"));
  there.wait_for_close();
  there.finish();
  here.round_trip();
}

// What one publishes goes into the mailboxes of the other, which are full both.
TEST(TwoServers, OnOneExchangeBothMayBeFull) {
  constexpr std::size_t kMessages = 400;
  const LocalExchange exchange;
  TestServer first;
  TestServer second;
  const std::string large = '"' + std::string(std::size_t{100} * 1024, 'x') + '"';
  std::atomic<int> ready = 0;
  const auto flood = [&](const TestServer& own) {
    return [&](const Message&) {
      ++ready;
      while (ready < 2) std::this_thread::yield();  // so that neither takes its mail while the other writes
      for (std::size_t i = 0; i < kMessages; ++i) own.server().send("r", "news", large);
    };
  };
  first.start({.default_rooms = {"r"}, .broker = make_local_broker(exchange), .message = flood(first)});
  second.start({.default_rooms = {"r"}, .broker = make_local_broker(exchange), .message = flood(second)});
  TestClient here = first.client();
  TestClient there = second.client();
  here.send(envelope("flood"));
  there.send(envelope("flood"));
  here.round_trip();
  there.round_trip();
  first->shutdown(1s);
  second->shutdown(1s);
}

// Of all that is published on one, a member on the other that does not read gets the newest of each key.
TEST(TwoServers, KeysOfRoomsWithoutAHistoryGoFromOneToTheOther) {
  RoomRule latest;
  latest.pattern = {"prices"};
  latest.slow_consumer = RoomSlowConsumer::latest;
  const LocalExchange exchange;
  TestServer first;
  TestServer second;
  for (TestServer* server : {&first, &second}) {
    Options options;
    options.room_rules = RoomRules({latest});
    options.validate_room = allow_all;
    options.broker = make_local_broker(exchange);
    server->start(std::move(options));
  }
  TestClient slow = second.connect(4096);
  slow.authenticate();
  slow.join("prices");
  constexpr int kCount = 400;  // more than the kernel takes, and may wait for it
  const std::string padding(20'000, 'x');
  for (int n = 1; n <= kCount; ++n) {
    const std::string_view key = n % 2 == 0 ? "even" : "odd";
    first->publish("prices", "n", boost::json::value(std::to_string(n) + padding), {.key = key});
  }
  second.fence();
  const auto number_of = [](const std::string& message) {
    return std::stoi(std::string(boost::json::parse(message).at("data").as_string()));
  };
  int got = 0;
  int number = number_of(slow.next());
  for (; number == got + 1; number = number_of(slow.next())) ++got;
  EXPECT_EQ(number, kCount - 1) << "after " << got;
  EXPECT_EQ(number_of(slow.next()), kCount);
}

}  // namespace
}  // namespace hearth::test
