// What "hearth/broker.hpp" asks of a broker, of every kind of broker there is.

#include "broker/probe.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <new>
#include <stdexcept>
#include <thread>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A text with a number at its end.
std::string numbered(std::string text, int number) { return text.append(std::to_string(number)); }

/// What brokers can be made of that reach each other.
class Medium {
 public:
  virtual ~Medium() = default;
  virtual std::shared_ptr<Broker> make() = 0;
};

class LocalMedium final : public Medium {
 public:
  std::shared_ptr<Broker> make() override { return make_local_broker(exchange_); }

 private:
  LocalExchange exchange_;
};

class RedisMedium final : public Medium {
 public:
  explicit RedisMedium(std::string_view options) : options_(options) {}
  std::shared_ptr<Broker> make() override { return make_redis_broker(server_.url() + options_); }

 private:
  const std::string options_;
  RedisServer server_;
};

class UnixMedium final : public Medium {
 public:
  std::shared_ptr<Broker> make() override { return make_redis_broker("redis+unix://" + path_ + "?database=2"); }

 private:
  const TemporaryDirectory directory_;
  const std::string path_ = (directory_.path() / "redis.sock").string();
  RedisServer server_{{"--unixsocket", path_}};
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Medium>()> make;
};

class EveryBroker : public testing::TestWithParam<Kind> {
 protected:
  const std::unique_ptr<Medium> medium = GetParam().make();
  Probe one{medium->make()};
  Probe other{medium->make()};

  void SetUp() override {
    one.start();
    other.start();
  }
};

TEST_P(EveryBroker, IsReadyOnceItIsStarted) {
  EXPECT_EQ(one->state(), BrokerState::ready);
  one->stop();
  EXPECT_EQ(one->state(), BrokerState::stopped);
}

TEST_P(EveryBroker, BringsToEachAddressWhatIsPublishedThere) {
  other.subscribe(room("r"));
  other.subscribe(user("u"));
  other.subscribe(client("c"));
  one.publish(room("r"), "to room", "1");
  one.publish(user("u"), "to user", "2");
  one.publish(client("c"), "to client", "3");
  one.publish({}, "to all", "4");
  one.flush_to(other);
  EXPECT_THAT(other.taken(),
              ElementsAre("room r to room 1", "user u to user 2", "client c to client 3", "everybody  to all 4"));
}

TEST_P(EveryBroker, DoesNotBringBackWhatItPublishes) {
  one.subscribe(room("r"));
  one.publish(room("r"), "mine");
  one.publish({}, "mine");
  one.flush_to(other);
  other.flush_to(one);
  EXPECT_THAT(one.taken(), IsEmpty());
}

TEST_P(EveryBroker, BringsNothingForOtherAddresses) {
  other.subscribe(room("r"));
  one.publish(room("R"), "case");
  one.publish(room("r2"), "longer");
  one.publish(user("r"), "of a user");
  one.publish(client("r"), "of a client");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), IsEmpty());
}

TEST_P(EveryBroker, CountsSubscriptions) {
  other.subscribe(room("r"));
  other.subscribe(room("r"));
  other.unsubscribe(room("r"));
  one.publish(room("r"), "first");
  one.flush_to(other);
  other.unsubscribe(room("r"));
  one.publish(room("r"), "second");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), ElementsAre("room r first"));
}

TEST_P(EveryBroker, SubscribesAgainAfterUnsubscribing) {
  for (int i = 0; i < 3; ++i) {
    other.subscribe(room("r"));
    one.publish(room("r"), "in");
    one.flush_to(other);
    other.unsubscribe(room("r"));
    one.publish(room("r"), "out");
    one.flush_to(other);
  }
  EXPECT_THAT(other.taken(), ElementsAre("room r in", "room r in", "room r in"));
}

TEST_P(EveryBroker, KeepsTheOrderOfAThread) {
  constexpr int kCount = 20'000;
  other.subscribe(room("r"));
  for (int i = 0; i < kCount; ++i) one.publish(room("r"), "n", std::to_string(i));
  one.flush_to(other);
  const auto taken = other.taken();
  ASSERT_EQ(taken.size(), kCount);
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(taken[static_cast<std::size_t>(i)], numbered("room r n ", i));
}

TEST_P(EveryBroker, TakesWhatManyThreadsPublish) {
  constexpr int kThreads = 4;
  constexpr int kCount = 2'000;
  other.subscribe(room("r"));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kCount; ++i) one.publish(room("r"), numbered("t", thread), std::to_string(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  one.flush_to(other);
  std::vector<int> next(kThreads, 0);
  for (const std::string& text : other.taken()) {
    const auto thread = static_cast<std::size_t>(text.at(std::string_view("room r t").size()) - '0');
    ASSERT_EQ(text, numbered(numbered("room r t", static_cast<int>(thread)).append(" "), next[thread]++));
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kCount));
}

TEST_P(EveryBroker, PassesEverythingOnAsItIs) {
  const std::string strange = "a \"room\"\n*?[x]\\ \xc3\xa9";
  const std::vector<std::string> exclude{"1", "2\""};
  other.subscribe(room(strange));
  one->publish({.address = room(strange),
                .event = "e\t\"",
                .data = JsonView::trusted(R"({ "n" : 1e400, "s":"\ud800" })"),
                .from = JsonView::trusted(R"({"id":"x"})"),
                .exclude = exclude,
                .key = "k\""});
  one.flush_to(other);
  const std::string rest = R"( { "n" : 1e400, "s":"\ud800" } key k" from {"id":"x"} -1 -2")";
  EXPECT_THAT(other.taken(), ElementsAre("room " + strange + " e\t\"" + rest));
}

TEST_P(EveryBroker, TellsNoDataFromNull) {
  one.publish({}, "none");
  one.publish({}, "null", "null");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), ElementsAre("everybody  none", "everybody  null null"));
}

TEST_P(EveryBroker, TakesLongMessages) {
  const std::string data = '"' + std::string(std::size_t{3} << 20, 'x') + '"';
  one.publish({}, "long", data);
  one.publish({}, "short");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), ElementsAre("everybody  long " + data, "everybody  short"));
}

TEST_P(EveryBroker, SendsWhatWaitsBeforeItStops) {
  other.subscribe(room("r"));
  for (int i = 0; i < 1000; ++i) one.publish(room("r"), "last");
  one->stop();
  eventually("the last messages", [&] { return other.count("room r last") == 1000; });
}

TEST_P(EveryBroker, DoesNothingBeforeItStartsAndAfterItStops) {
  Probe third(medium->make());
  third.publish({}, "too early");
  other->stop();
  other.publish({}, "too late");
  one.publish({}, "unheard");
  one.flush_to(third.start());
  EXPECT_THAT(one.taken(), IsEmpty());
  EXPECT_THAT(other.taken(), IsEmpty());
}

TEST_P(EveryBroker, StartsOnce) { EXPECT_THROW(one.start(), std::logic_error); }

TEST_P(EveryBroker, DoesNotPublishWhatHasNoEvent) {
  other.subscribe(room("r"));
  one.publish(room("r"), "", "1");
  one.publish({}, "", "2");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), IsEmpty());
  EXPECT_EQ(other->statistics().malformed, 0U);
}

TEST_P(EveryBroker, DoesNotStartAgainAfterItStopped) {
  one->stop();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THROW(one.start(), std::logic_error);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  EXPECT_EQ(one->state(), BrokerState::stopped);
}

TEST_P(EveryBroker, StopsInACallOfItsSink) {
  other.subscribe(room("r"));
  other.on_message([&](const BrokerMessage& message) {
    if (message.event == "end") other->stop();
  });
  one.publish(room("r"), "before");
  one.publish(room("r"), "end");
  eventually("the end", [&] { return other.count("room r end") == 1; });
  for (int i = 0; i < 100; ++i) one.publish(room("r"), "after");
  other->stop();  // from elsewhere: what is under way has ended when it returns
  EXPECT_EQ(other->state(), BrokerState::stopped);
  EXPECT_EQ(other.count("room r after"), 0U);
}

TEST_P(EveryBroker, ItsLastReferenceMayBeDroppedInACallOfItsSink) {
  NoteSink sink;
  std::shared_ptr<Broker> broker = medium->make();
  std::atomic<bool> dropped{false};
  sink.on_message([&](const BrokerMessage& message) {
    if (message.event != "drop") return;
    broker.reset();
    dropped = true;
  });
  broker->start(sink);
  one.publish({}, "drop");
  one.publish({}, "after");
  eventually("the broker to be dropped", [&] { return dropped.load(); });
  one.flush_to(other);
  EXPECT_EQ(sink.count("everybody  after"), 0U);
}

TEST_P(EveryBroker, StopsWhileOthersPublishAllTheTime) {
  std::atomic<bool> enough{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!enough) {
        one.publish({}, "more");
        std::this_thread::yield();
      }
    });
  }
  eventually("messages", [&] { return other.size() > 100; });
  other->stop();
  const std::size_t then = other.size();
  enough = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(other.size(), then);
}

TEST_P(EveryBroker, ASinkMayPublishAndSubscribe) {
  constexpr int kTurns = 50;
  const auto answer = [](Probe& probe, std::string room_there, std::string room_here) {
    probe.on_message([&probe, room_there, room_here](const BrokerMessage& message) {
      const BrokerAddress more = room("more");
      static_cast<void>(probe->subscribe({&more, 1}, [] {}));
      probe->unsubscribe({&more, 1});
      static_cast<void>(probe->statistics());
      int turn = 0;
      std::from_chars(message.data.text().data(), message.data.text().data() + message.data.text().size(), turn);
      if (message.event == "ball" && turn < kTurns) probe.publish(room(room_there), "ball", std::to_string(turn + 1));
    });
    probe.subscribe(room(room_here));
  };
  answer(one, "other", "one");
  answer(other, "one", "other");
  one.publish(room("other"), "ball", "1");
  eventually("the last turn", [&] { return one.count(numbered("room one ball ", kTurns)) == 1; });
}

TEST_P(EveryBroker, WhileASinkIsBusyTheOthersGoOn) {
  std::atomic<bool> busy{false};
  std::atomic<bool> enough{false};
  one.on_message([&](const BrokerMessage& message) {
    if (message.event != "busy") return;
    busy = true;
    eventually("the end of the work", [&] { return enough.load(); });
  });
  Probe third(medium->make());
  third.start();
  std::thread publisher([&] { other.publish({}, "busy"); });
  eventually("the sink to be busy", [&] { return busy.load(); });
  third.subscribe(room("r"));
  other.publish(room("r"), "to another");
  eventually("the message", [&] { return third.count("room r to another") == 1; });
  other.unsubscribe(room("r"));
  const BrokerAddress address = room("r");
  one->unsubscribe({&address, 1});
  static_cast<void>(one->statistics());
  third->stop();
  enough = true;
  publisher.join();
  eventually("the sink to be done", [&] { return one.count("everybody  busy") == 1; });
}

TEST_P(EveryBroker, ASinkThatThrowsLosesThatMessageAlone) {
  other.on_message([](const BrokerMessage& message) {
    if (message.event == "bad") throw std::bad_alloc();
  });
  other.subscribe(room("r"));
  Probe third(medium->make());
  third.start().subscribe(room("r"));
  one.publish(room("r"), "bad");
  one.publish(room("r"), "good");
  one.flush_to(other);
  one.flush_to(third);
  EXPECT_THAT(other.taken(), ElementsAre("room r good"));
  EXPECT_THAT(third.taken(), ElementsAre("room r bad", "room r good"));
  EXPECT_EQ(other.logged("to an exception"), 1U);
  EXPECT_THAT(other.gaps(), IsEmpty());
  EXPECT_EQ(other->state(), BrokerState::ready);
}

TEST_P(EveryBroker, TellsEveryOtherInstanceWhatOneSays) {
  Probe third(medium->make());
  third.start();
  const std::string_view said = R"({ "op" : "hel\"lo" ,"n":1e400, "s":"\ud800","nested":{"op":1} })";
  EXPECT_TRUE(one->control(JsonView::trusted(said)));
  one.flush_to(other);
  one.flush_to(third);
  other.flush_to(one);
  const std::string id(one->instance_id());
  const std::string whole =
      id + R"( hel"lo {"serverId":")" + id + R"(","type":"control",)" + std::string(said.substr(1));
  EXPECT_THAT(other.controls(), ElementsAre(whole));
  EXPECT_THAT(third.controls(), ElementsAre(whole));
  EXPECT_THAT(one.controls(), IsEmpty());
  EXPECT_TRUE(other->statistics().control);
}

TEST_P(EveryBroker, IsKnownByAnIdOfItsOwn) {
  EXPECT_EQ(one->instance_id().size(), 36U);
  EXPECT_NE(one->instance_id(), other->instance_id());
}

TEST_P(EveryBroker, WhatIsSaidAndWhatIsPublishedComesInOrder) {
  other.subscribe(room("r"));
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    one.publish(room("r"), numbered("e", i));
    EXPECT_TRUE(one->control(JsonView::trusted(R"({"op":")" + numbered("o", i) + "\"}")));
    expected.push_back(numbered("room r e", i));
    expected.push_back(numbered("control o", i));
  }
  one.flush_to(other);
  EXPECT_EQ(other.taken(), expected);
}

TEST_P(EveryBroker, SaysNothingThatIsNoObjectWithAnOp) {
  for (const std::string_view bad :
       {"", "1", "[]", R"("op")", "{}", R"({"op":1})", R"({"op":""})", R"({"n":{"op":"x"}})",
        R"({"op":"x","type":"room"})", R"({"serverId":"somebody else","op":"x"})",
        R"({"op":"x","server\u0049d":"somebody else"})"}) {
    EXPECT_FALSE(one->control(JsonView::trusted(bad))) << bad;
  }
  one.flush_to(other);
  EXPECT_THAT(other.controls(), IsEmpty());
  EXPECT_EQ(other->statistics().malformed, 0U);
}

TEST_P(EveryBroker, SaysNothingThatIsTooLong) {
  std::string text = R"({"op":"x","text":")";
  text.append(kMaxControlSize - text.size() - 2, 'x').append("\"}");
  EXPECT_TRUE(one->control(JsonView::trusted(text)));
  text.insert(text.size() - 2, "x");
  EXPECT_FALSE(one->control(JsonView::trusted(text)));
  one.flush_to(other);
  EXPECT_EQ(other.controls().size(), 1U);
}

TEST_P(EveryBroker, SaysNothingBeforeItStartsAndAfterItStops) {
  const JsonView hello = JsonView::trusted(R"({"op":"hello"})");
  const std::shared_ptr<Broker> third = medium->make();
  EXPECT_FALSE(third->control(hello));
  other->stop();
  EXPECT_FALSE(other->control(hello));
  EXPECT_TRUE(one->control(hello));
  EXPECT_THAT(other.controls(), IsEmpty());
}

TEST_P(EveryBroker, CountsWhatItDoes) {
  other.subscribe(room("r"));
  one.publish(room("r"), "a");
  one.publish(room("elsewhere"), "b");
  one.flush_to(other);
  eventually("every message to be confirmed", [&] { return one->statistics().published == 3; });
  EXPECT_EQ(other->statistics().received, 2U);
  EXPECT_EQ(other->statistics().subscriptions, 1U);
  EXPECT_EQ(other->statistics().dropped, 0U);
}

const Kind kKinds[]{
    {"Local", [] { return std::make_unique<LocalMedium>(); }},
    {"Redis", [] { return std::make_unique<RedisMedium>(""); }},
    {"RedisPattern", [] { return std::make_unique<RedisMedium>("?subscriptions=pattern"); }},
    {"RedisOverUnixSocket", [] { return std::make_unique<UnixMedium>(); }},
};

INSTANTIATE_TEST_SUITE_P(Broker, EveryBroker, testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace hearth::test
