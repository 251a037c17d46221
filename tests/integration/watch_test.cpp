// Server::watch.

#include "hearth/broker.hpp"
#include "hearth/redis_broker.hpp"
#include "support/notes.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Notes what is seen, as `event data from`.
std::function<void(const WatchedPublication&)> noting(Notes& notes) {
  return [&notes](const WatchedPublication& seen) {
    std::string note(seen.event);
    note.append(" ").append(seen.data.text()).append(" ").append(seen.from.text());
    notes.add(note);
  };
}

void await(const Notes& notes, std::size_t count) {
  eventually("watched publications", [&] { return notes.size() >= count; });
}

TEST(Watch, SeesWhatIsPublishedInARoomThatNobodyIsIn) {
  Notes notes;
  TestServer server;
  server.start({.threads = 2});
  const Watch watch = server->watch("tea", noting(notes));
  EXPECT_TRUE(watch);
  server->send_to_room("coffee", "no", 1);
  server->broadcast("no", 2);
  server->send_to_room("tea", "quoted \"é\"", 3);
  server->publish("tea", "b", R"("x")");
  await(notes, 2);
  EXPECT_THAT(notes.all(), ElementsAre("quoted \"é\" 3 ", R"(b "x" )"));
}

TEST(Watch, SeesEachMessageOfAClientOnceWhateverTheNumberOfShards) {
  Notes notes;
  TestServer server;
  server.start({.threads = 4, .client_publish = true, .validate_room = allow_all});
  std::vector<TestClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(server.client("ann"));
    clients.back().join("tea");
  }
  const Watch watch = server->watch("tea", noting(notes));
  for (TestClient& client : clients) {
    client.send(envelope("publish", R"({"room":"tea","event":"hi","data":1})", "p"));
    client.wait_for("ack");
  }
  server->send_to_room("tea", "last");
  await(notes, 9);
  EXPECT_EQ(notes.size(), 9U);
  EXPECT_THAT(notes.all().front(), HasSubstr(R"("userId":"ann")"));
  EXPECT_EQ(notes.all().back(), "last  ");
}

TEST(Watch, EndsWithItsObject) {
  Notes notes;
  TestServer server;
  server.start();
  {
    const Watch watch = server->watch("tea", noting(notes));
    server->send_to_room("tea", "seen");
    await(notes, 1);
  }
  server->send_to_room("tea", "unseen");
  const Watch again = server->watch("tea", noting(notes));
  server->send_to_room("tea", "seen again");
  await(notes, 2);
  EXPECT_THAT(notes.all(), ElementsAre("seen  ", "seen again  "));
}

TEST(Watch, WhatIsTooMuchIsCountedAndSaid) {
  TestServer server;
  server.start();
  std::promise<void> entered;
  std::promise<void> go_on;
  std::atomic<int> calls = 0;
  std::atomic<std::uint64_t> skipped = 0;
  const Watch watch = server->watch("tea",
                                    [&](const WatchedPublication& seen) {
                                      skipped += seen.skipped;
                                      if (calls++ == 0) {
                                        entered.set_value();
                                        go_on.get_future().wait();
                                      }
                                    },
                                    {.most_a_second = 1'000'000, .most_waiting = 2});
  server->send_to_room("tea", "first");
  entered.get_future().wait();
  for (int i = 0; i < 10; ++i) server->send_to_room("tea", "e", i);
  EXPECT_EQ(watch.skipped(), 8U);
  go_on.set_value();
  eventually("those that waited", [&] { return calls == 3; });
  server->send_to_room("tea", "last");
  eventually("the last", [&] { return calls == 4; });
  EXPECT_EQ(skipped, 8U);
}

TEST(Watch, TakesNoMoreThanItsRate) {
  Notes notes;
  TestServer server;
  server.start();
  const Watch watch = server->watch("tea", noting(notes), {.most_a_second = 3});
  for (int i = 0; i < 1000; ++i) server->send_to_room("tea", "e", i);
  eventually("all to be seen or skipped", [&] { return notes.size() + watch.skipped() == 1000; });
  EXPECT_GE(notes.size(), 3U);
  EXPECT_GT(watch.skipped(), 0U);
}

TEST(Watch, MayBeEndedInItsCallback) {
  TestServer server;
  server.start();
  auto watch = std::make_shared<std::optional<Watch>>();
  std::promise<void> armed;
  std::promise<void> ended;
  std::atomic<int> calls = 0;
  *watch = server->watch("tea", [&, ready = armed.get_future().share()](const WatchedPublication&) {
    ready.wait();
    ++calls;
    watch->reset();
    ended.set_value();
  });
  armed.set_value();
  server->send_to_room("tea", "a");
  server->send_to_room("tea", "b");
  ended.get_future().wait();
  Notes notes;
  const Watch other = server->watch("tea", noting(notes));
  server->send_to_room("tea", "c");
  await(notes, 1);
  EXPECT_EQ(calls, 1);
}

TEST(Watch, ACallbackThatThrowsLosesNothingButItself) {
  Notes notes;
  TestServer server;
  server.start();
  const Watch watch = server->watch("tea", [&](const WatchedPublication& seen) {
    notes.add(std::string(seen.event));
    if (seen.event == "bad") throw std::runtime_error("too hot");
  });
  server->send_to_room("tea", "bad");
  server->send_to_room("tea", "good");
  await(notes, 2);
  eventually("the log line", [&] { return server.log().count("too hot") == 1; });
}

TEST(Watch, IsNoneWhileTheServerDoesNotRun) {
  TestServer server;
  server.make({});
  EXPECT_FALSE(server->watch("tea", [](const WatchedPublication&) {}));
  server->start();
  const Watch outlives = server->watch("tea", [](const WatchedPublication&) {});
  EXPECT_TRUE(outlives);
  server->shutdown();
  EXPECT_FALSE(server->watch("tea", [](const WatchedPublication&) {}));
  server.destroy();
}

TEST(Watch, OptionsOutOfRangeAreRefused) {
  TestServer server;
  server.start();
  const auto nothing = [](const WatchedPublication&) {};
  EXPECT_THROW(static_cast<void>(server->watch("", nothing)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(server->watch("tea", {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(server->watch("tea", nothing, {.most_a_second = 0})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(server->watch("tea", nothing, {.most_waiting = 0})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(server->watch("tea", nothing, {.most_waiting = 70'000})), std::invalid_argument);
}

TEST(Watch, SeesARoomThatRemembersWithItsOffsets) {
  Notes notes;
  TestServer server;
  RoomRule rule;
  rule.pattern = {"log"};
  rule.history_size = 10;
  server.start({.room_rules = RoomRules({rule})});
  const Watch watch = server->watch("log", [&](const WatchedPublication& seen) {
    notes.add(std::string(seen.event) + ' ' + std::to_string(seen.position.offset));
  });
  server->publish("log", "a");
  server->publish("log", "b");
  await(notes, 2);
  EXPECT_THAT(notes.all(), ElementsAre("a 1", "b 2"));
}

TEST(Watch, SeesWhatOtherInstancesPublish) {
  RedisServer redis;
  Notes notes;
  TestServer here;
  TestServer there;
  here.start({.broker = make_redis_broker(redis.url())});
  there.start({.broker = make_redis_broker(redis.url())});
  const Watch watch = here->watch("tea", noting(notes));
  eventually("the subscription to reach the other side", [&] {
    there->publish(Target::room("tea"), "hello", 1);
    return notes.size() > 0;
  });
  EXPECT_EQ(notes.all().front(), "hello 1 ");
}

}  // namespace
}  // namespace hearth::test
