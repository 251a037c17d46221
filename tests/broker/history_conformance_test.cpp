// What "hearth/history.hpp" asks of a history, of every kind there is. A new kind needs a LogMedium and a line in
// kKinds.

#include "broker/history_probe.hpp"
#include "broker/redis_cluster.hpp"
#include "hearth/broker.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

/// What brokers can be made of that share their logs.
class LogMedium {
 public:
  virtual ~LogMedium() = default;
  virtual std::shared_ptr<Broker> make() = 0;
  /// Has the log of a room, which has one, end at an offset, as if so much had been appended and trimmed. False if
  /// there is no way to make it so.
  virtual bool set_top(std::string_view /*room*/, std::uint64_t /*offset*/) { return false; }
};

class LocalLogMedium final : public LogMedium {
 public:
  std::shared_ptr<Broker> make() override { return make_local_broker(exchange_); }

 private:
  LocalExchange exchange_;
};

void set_top_at(const RedisServer& redis, std::string_view room, std::uint64_t offset) {
  const std::string key = "hearth:{" + std::string(room) + "}:";
  redis.command({"DEL", key + "log"});
  redis.command({"HSET", key + "meta", "s", std::to_string(offset)});
}

/// A Redis of its own, over TCP or a Unix socket.
class RedisLogMedium : public LogMedium {
 public:
  std::shared_ptr<Broker> make() override { return make_redis_broker(redis_.url()); }
  bool set_top(std::string_view room, std::uint64_t offset) override {
    set_top_at(redis_, room, offset);
    return true;
  }

 protected:
  const TemporaryDirectory directory_;
  const std::string socket_ = (directory_.path() / "redis.sock").string();
  const RedisServer redis_{{"--unixsocket", socket_}};
};

class UnixSocketLogMedium final : public RedisLogMedium {
 public:
  std::shared_ptr<Broker> make() override { return make_redis_broker("redis+unix://" + socket_); }
};

/// Its channels come in by one subscription for all rooms.
class RedisPatternLogMedium final : public RedisLogMedium {
 public:
  std::shared_ptr<Broker> make() override { return make_redis_broker(redis_.url() + "?subscriptions=pattern"); }
};

class RedisClusterLogMedium final : public LogMedium {
 public:
  RedisClusterLogMedium() { cluster_.flush(); }
  /// Each through another node.
  std::shared_ptr<Broker> make() override {
    return make_redis_broker(cluster_.url(made_++ % ClusterServers::kMasters));
  }
  bool set_top(std::string_view room, std::uint64_t offset) override {
    set_top_at(cluster_.master_of(room), room, offset);
    return true;
  }

 private:
  ClusterServers& cluster_ = shared_cluster();
  std::size_t made_ = 0;
};

struct LogKind {
  const char* name;
  std::function<std::unique_ptr<LogMedium>()> make;
};

class EveryHistory : public testing::TestWithParam<LogKind> {
 protected:
  const std::unique_ptr<LogMedium> medium = GetParam().make();
  HistoryProbe one{medium->make()};
  HistoryProbe other{medium->make()};

  void SetUp() override {
    one.start();
    other.start();
    ASSERT_NE(one.broker().history(), nullptr);
  }
};

std::string event(int number) { return std::string("e").append(std::to_string(number)); }

std::vector<std::uint64_t> offsets(const std::vector<PublicationPtr>& publications) {
  std::vector<std::uint64_t> found;
  for (const auto& publication : publications) found.push_back(publication->position().offset);
  return found;
}

std::vector<std::string> events(const std::vector<PublicationPtr>& publications) {
  std::vector<std::string> found;
  for (const auto& publication : publications) found.emplace_back(publication->event());
  return found;
}

TEST_P(EveryHistory, CountsFromOneWithoutHoles) {
  const Epoch epoch = one.append("r", "a").value().position.epoch;
  EXPECT_TRUE(epoch);
  for (std::uint64_t offset = 2; offset <= 50; ++offset) {
    const Appended appended = (offset % 2 == 0 ? one : other).append("r", "b").value();
    EXPECT_EQ(appended.position, (Position{epoch, offset}));
    EXPECT_FALSE(appended.duplicate);
  }
}

TEST_P(EveryHistory, ReadsWhatWasAppended) {
  for (int i = 1; i <= 5; ++i) one.append("r", event(i)).value();
  const LogPage page = other.read("r").value();
  EXPECT_THAT(events(page.publications), ElementsAre("e1", "e2", "e3", "e4", "e5"));
  EXPECT_EQ(page.log.top.offset, 5U);
  ASSERT_THAT(page.log.lineage, SizeIs(1));
  EXPECT_EQ(page.log.lineage[0], (Branch{page.log.top.epoch, 1}));
  for (const auto& publication : page.publications) EXPECT_EQ(publication->position().epoch, page.log.top.epoch);
}

TEST_P(EveryHistory, ReadsAPart) {
  for (int i = 1; i <= 9; ++i) one.append("r", event(i)).value();
  EXPECT_THAT(offsets(one.read("r", 3, 4).value().publications), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(offsets(one.read("r", 7, 4).value().publications), ElementsAre(8, 9));
  EXPECT_THAT(one.read("r", 9, 4).value().publications, IsEmpty());
  EXPECT_THAT(one.read("r", 1000, 4).value().publications, IsEmpty());
  const LogPage top_alone = one.read("r", 0, 0).value();
  EXPECT_THAT(top_alone.publications, IsEmpty());
  EXPECT_EQ(top_alone.log.top.offset, 9U);
}

TEST_P(EveryHistory, KeepsEverythingOfAPublication) {
  const std::vector<std::string> exclude{"d7270aa1-95aa-4223-bdcc-eb0ae003e400", "2\""};
  one.subscribe("r");
  one.append({.room = "r",
              .event = "e\t\"\xc3\xa9",
              .data = JsonView::trusted(R"({ "n" : 1e400, "s":"\ud800" })"),
              .from = JsonView::trusted(R"({"id":"x","userId":"ann"})"),
              .key = "row-7",
              .exclude = exclude,
              .time_ms = 1'700'000'000'123},
             {}, {1000, std::chrono::hours(24 * 30 * 1000)})
      .value();
  const PublicationPtr read = other.read("r").value().publications.at(0);
  for (const auto& publication : {read, one.take(1)[0]}) {
    EXPECT_EQ(publication->room(), "r");
    EXPECT_EQ(publication->event(), "e\t\"\xc3\xa9");
    EXPECT_EQ(publication->data().text(), R"({ "n" : 1e400, "s":"\ud800" })");
    EXPECT_EQ(publication->from().text(), R"({"id":"x","userId":"ann"})");
    EXPECT_EQ(publication->key(), "row-7");
    EXPECT_THAT(publication->exclude(), ElementsAre(exclude[0], exclude[1]));
    EXPECT_EQ(publication->time_ms(), 1'700'000'000'123);
    EXPECT_EQ(publication->position(), read->position());
  }
}

TEST_P(EveryHistory, TellsNoDataFromNull) {
  one.append({.room = "r", .event = "none"}).value();
  one.append({.room = "r", .event = "null", .data = JsonView::trusted("null")}).value();
  const auto read = other.read("r").value().publications;
  EXPECT_FALSE(read.at(0)->data());
  EXPECT_EQ(read.at(1)->data().text(), "null");
}

TEST_P(EveryHistory, BringsPublicationsToAllThatAreSubscribedAlsoToTheirOwn) {
  one.subscribe("r");
  other.subscribe("r");
  for (int i = 1; i <= 3; ++i) one.append("r", event(i)).value();
  EXPECT_THAT(events(one.take(3)), ElementsAre("e1", "e2", "e3"));
  EXPECT_THAT(events(other.take(3)), ElementsAre("e1", "e2", "e3"));
  EXPECT_THAT(offsets(one.taken()), ElementsAre(1, 2, 3));
  EXPECT_EQ(one.taken()[0]->position(), one.read("r").value().publications.at(0)->position());
}

TEST_P(EveryHistory, BringsNothingOfOtherRooms) {
  one.subscribe("r");
  other.append("R", "case").value();
  other.append("r2", "longer").value();
  other.append("r", "own").value();
  one.take(1);
  other.append("r", "last").value();
  EXPECT_THAT(events(one.take(2)), ElementsAre("own", "last"));
}

TEST_P(EveryHistory, SaysThatItIsSubscribedBeforeWhatComes) {
  one.subscribe("r");
  one.append("r", "a").value();
  one.append("r", "b").value();
  one.take(2);
  EXPECT_THAT(one.heard(), ElementsAre("r", ">1", ">2"));
}

TEST_P(EveryHistory, StopsBringingWhatIsNotSubscribedToAnyMore) {
  one.subscribe("r");
  one.subscribe("s");
  other.append("r", "in").value();
  one.take(1);
  one.unsubscribe("r");
  // A subscription may linger; what comes then is no harm, what comes twice would be.
  other.append("r", "out").value();
  other.append("s", "end").value();
  eventually("the last", [&] {
    const auto taken = one.taken();
    return std::any_of(taken.begin(), taken.end(),
                       [](const auto& publication) { return publication->event() == "end"; });
  });
  const auto offsets_of_r = [&] {
    std::multiset<std::uint64_t> found;
    for (const auto& publication : one.taken()) {
      if (publication->room() == "r") found.insert(publication->position().offset);
    }
    return found;
  }();
  EXPECT_EQ(offsets_of_r.count(1), 1U);
  EXPECT_LE(offsets_of_r.count(2), 1U);
}

TEST_P(EveryHistory, OrdersAppendsReadsAndDeliveriesAlike) {
  constexpr int kThreads = 4;
  constexpr int kCount = 250;
  one.subscribe("r");
  other.subscribe("r");
  std::array<std::vector<Position>, kThreads> told;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      const HistoryProbe& by = thread % 2 == 0 ? one : other;
      for (int i = 0; i < kCount; ++i) {
        const std::string data = std::to_string(thread * kCount + i);
        told[static_cast<std::size_t>(thread)].push_back(
            by.append({.room = "r", .event = "n", .data = JsonView::trusted(data)}).value().position);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<PublicationPtr> log;
  while (log.size() < kThreads * kCount) {
    const LogPage page = one.read("r", log.size(), 256).value();
    ASSERT_FALSE(page.publications.empty());
    log.insert(log.end(), page.publications.begin(), page.publications.end());
  }
  for (std::size_t i = 0; i < log.size(); ++i) ASSERT_EQ(log[i]->position().offset, i + 1);
  const auto texts = [](const std::vector<PublicationPtr>& publications) {
    std::vector<std::string> found;
    for (const auto& publication : publications) found.emplace_back(publication->text());
    return found;
  };
  EXPECT_EQ(texts(one.take(log.size())), texts(log));
  EXPECT_EQ(texts(other.take(log.size())), texts(log));
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const PublicationPtr& entry = log.at(told.at(thread)[i].offset - 1);
      ASSERT_EQ(entry->data().text(), std::to_string(thread * kCount + i));
    }
    ASSERT_TRUE(std::is_sorted(told.at(thread).begin(), told.at(thread).end()));
  }
}

TEST_P(EveryHistory, AnswersInTheOrderAsked) {
  std::vector<int> order;
  std::mutex mutex;
  const auto note = [&](int number) {
    const std::lock_guard lock(mutex);
    order.push_back(number);
  };
  constexpr int kCount = 100;
  for (int i = 0; i < kCount; ++i) {
    if (i % 3 == 0) {
      one.history().read("r", 0, 10, [&note, i](const Result<LogPage>&) { note(i); });
    } else {
      one.history().append({.room = "r", .event = "e"}, HistoryProbe::kKeepAll, {},
                           [&note, i](const Result<Appended>&) { note(i); });
    }
  }
  eventually("all answers", [&] {
    const std::lock_guard lock(mutex);
    return order.size() == kCount;
  });
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST_P(EveryHistory, IsOnePictureWhileOthersAppend) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) other.append("r", "e", {}).value();
  });
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t after = i % 2 == 0 ? 0 : one.top("r").top.offset;
    const LogPage page = one.read("r", after, 100'000).value();
    // Nothing is missing between what was asked for and the top that is told with it, but for what was trimmed.
    if (page.publications.empty()) {
      EXPECT_EQ(page.log.top.offset, after);
      continue;
    }
    EXPECT_EQ(page.publications.back()->position(), page.log.top);
    EXPECT_EQ(page.log.top.offset - page.publications.front()->position().offset + 1, page.publications.size());
  }
  stop = true;
  writer.join();
}

TEST_P(EveryHistory, BeginsALogWhenOneIsRead) {
  const LogTop first = one.top("r");
  EXPECT_EQ(first.top.offset, 0U);
  EXPECT_TRUE(first.top.epoch);
  EXPECT_THAT(first.lineage, ElementsAre(Branch{first.top.epoch, 1}));
  EXPECT_EQ(other.top("r"), first);
  EXPECT_EQ(other.append("r", "a").value().position, (Position{first.top.epoch, 1}));
}

TEST_P(EveryHistory, GivesEachLogAnEpochOfItsOwn) {
  std::set<Epoch> epochs;
  for (int i = 0; i < 50; ++i) epochs.insert(one.top(event(i)).top.epoch);
  EXPECT_EQ(epochs.size(), 50U);
}

TEST_P(EveryHistory, TellsManyTopsWithoutBeginningALog) {
  one.append("b", "x").value();
  one.append("b", "x").value();
  one.append("d", "x").value();
  const auto tops = other.tops({"a", "b", "c", "d", "b"}).value();
  ASSERT_THAT(tops, SizeIs(5));
  EXPECT_EQ(tops[0], LogTop{});
  EXPECT_EQ(tops[1], one.top("b"));
  EXPECT_EQ(tops[1].top.offset, 2U);
  EXPECT_EQ(tops[2], LogTop{});
  EXPECT_EQ(tops[3], one.top("d"));
  EXPECT_EQ(tops[4], tops[1]);
  EXPECT_EQ(other.tops({"a"}).value().at(0), LogTop{});
  EXPECT_THAT(other.tops({}).value(), IsEmpty());
}

TEST_P(EveryHistory, KeepsAtLeastTheSizeOfTheLastAppend) {
  for (int i = 1; i <= 2000; ++i) one.append({.room = "r", .event = "e"}, {}, {10, 10min}).value();
  const LogPage page = one.read("r").value();
  ASSERT_GE(page.publications.size(), 10U);
  // A store may trim in lumps.
  EXPECT_LE(page.publications.size(), 500U);
  EXPECT_EQ(page.publications.back()->position().offset, 2000U);
  EXPECT_EQ(page.publications.front()->position().offset, 2001 - page.publications.size());
}

TEST_P(EveryHistory, KeepsForItsTimeByTheAgeOfEach) {
  using std::chrono::system_clock;
  const auto append = [&](std::string_view name, std::chrono::minutes age, std::chrono::minutes ttl) {
    const auto time = (system_clock::now() - age).time_since_epoch();
    const auto time_ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    one.append({.room = "r", .event = name, .time_ms = time_ms}, {}, {1000, ttl}).value();
  };
  append("a", 90min, 120min);
  append("b", 80min, 120min);
  for (int i = 0; i < 70; ++i) append("c", 40min, 120min);
  append("d", 1min, 120min);
  EXPECT_EQ(other.read("r").value().publications.size(), 73U);
  append("e", 0min, 60min);
  LogPage page = other.read("r").value();
  EXPECT_EQ(page.publications.size(), 72U);
  EXPECT_EQ(page.publications.front()->event(), "c");
  append("f", 0min, 30min);
  page = other.read("r").value();
  EXPECT_THAT(events(page.publications), ElementsAre("d", "e", "f"));
  EXPECT_EQ(page.log.top.offset, 75U);
  EXPECT_THAT(offsets(other.read("r", 73).value().publications), ElementsAre(74, 75));
}

TEST_P(EveryHistory, KeepsOffsetsAndEpochWhenAllIsTooOld) {
  const Position last = one.append({.room = "r", .event = "a"}, {}, {1000, 50ms}).value().position;
  eventually("it to be too old", [&] { return one.read("r").value().publications.empty(); });
  EXPECT_EQ(one.top("r").top, last);
  EXPECT_EQ(one.append("r", "b").value().position, (Position{last.epoch, 2}));
}

TEST_P(EveryHistory, BeginsAnewOnceErased) {
  one.append("r", "a").value();
  const Position last = one.append("r", "b").value().position;
  one.append("s", "c").value();
  other.erase("r").value();
  const LogPage page = one.read("r").value();
  EXPECT_THAT(page.publications, IsEmpty());
  EXPECT_NE(page.log.top.epoch, last.epoch);
  EXPECT_EQ(page.log.lineage.size(), 1U);
  EXPECT_THAT(one.read("s").value().publications, SizeIs(1));
  const Position next = one.append("r", "d").value().position;
  EXPECT_EQ(next.epoch, page.log.top.epoch);
  EXPECT_EQ(one.read("r").value().publications.at(0)->position(), next);
  EXPECT_TRUE(one.erase("never there").has_value());
}

TEST_P(EveryHistory, TakesStrangeNames) {
  const std::vector<std::string> rooms{"{a}",  "}a{",  "{}",    "}",       "a:b:log",  "meta",
                                       "a%7B", "a{",   "a%7D}", "a\"\\\n", "\xc3\xa9", std::string("nul\0nul", 7),
                                       "a b",  "{a}:", "*?[a]", "%25"};
  for (const std::string& room : rooms) {
    one.subscribe(room);
    one.append(room, "named " + room).value();
  }
  const auto came = one.take(rooms.size());
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    const LogPage page = other.read(rooms[i]).value();
    ASSERT_THAT(page.publications, SizeIs(1)) << rooms[i];
    EXPECT_EQ(page.publications[0]->event(), "named " + rooms[i]);
    EXPECT_EQ(page.publications[0]->room(), rooms[i]);
    const auto mine = std::count_if(came.begin(), came.end(), [&](const auto& it) { return it->room() == rooms[i]; });
    EXPECT_EQ(mine, 1) << rooms[i];
  }
}

TEST_P(EveryHistory, TakesLongPublicationsAndGivesThemPageByPage) {
  const std::string data = '"' + std::string((std::size_t{1} << 20) - 2, 'x') + '"';
  one.subscribe("r");
  for (int i = 0; i < 5; ++i) {
    other.append({.room = "r", .event = event(i), .data = JsonView::trusted(data)}).value();
  }
  for (const auto& publication : one.take(5)) EXPECT_EQ(publication->data().text().size(), data.size());
  // One is more than a page is to have, so each stands alone; it is told that there are more.
  for (std::uint64_t after = 0; after < 5; ++after) {
    const LogPage page = one.read("r", after, 256).value();
    ASSERT_THAT(page.publications, SizeIs(1));
    EXPECT_EQ(page.publications[0]->position().offset, after + 1);
    EXPECT_EQ(page.publications[0]->data().text(), data);
    EXPECT_EQ(page.log.top.offset, 5U);
  }
}

TEST_P(EveryHistory, FillsAPageUpToItsSize) {
  const std::string data = '"' + std::string(std::size_t{10} << 10, 'x') + '"';
  for (int i = 0; i < 60; ++i) {
    one.append({.room = "r", .event = "e", .data = JsonView::trusted(data)}).value();
  }
  const LogPage page = one.read("r", 0, 256).value();
  EXPECT_GE(page.publications.size(), 20U);
  EXPECT_LE(page.publications.size(), 26U);
}

TEST_P(EveryHistory, RefusesWhatIsTooLarge) {
  const std::string data = '"' + std::string(History::kMostPublicationSize, 'x') + '"';
  EXPECT_EQ(one.append({.room = "r", .event = "e", .data = JsonView::trusted(data)}).error(), HistoryError::too_large);
  EXPECT_EQ(one.append("r", "e").value().position.offset, 1U);
}

TEST_P(EveryHistory, CountsPastWhatADoubleOfFourteenDigitsHolds) {
  constexpr std::uint64_t kTop = 100'000'000'000'007;
  const Epoch epoch = one.top("r").top.epoch;
  if (!medium->set_top("r", kTop)) GTEST_SKIP() << "its tops can only be appended to";
  one.subscribe("r");
  EXPECT_EQ(one.append("r", "a").value().position, (Position{epoch, kTop + 1}));
  EXPECT_EQ(other.append("r", "b").value().position, (Position{epoch, kTop + 2}));
  EXPECT_THAT(offsets(one.take(2)), ElementsAre(kTop + 1, kTop + 2));
  EXPECT_THAT(offsets(other.read("r", kTop + 1).value().publications), ElementsAre(kTop + 2));
}

TEST_P(EveryHistory, AppendsOnceUnderOneKey) {
  one.subscribe("r");
  const Appended first = one.append("r", "a", "k").value();
  EXPECT_FALSE(first.duplicate);
  const Appended again = one.append("r", "a", "k").value();
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.position, first.position);
  const Appended elsewhere = other.append("r", "a", "k").value();
  EXPECT_TRUE(elsewhere.duplicate);
  EXPECT_EQ(elsewhere.position, first.position);
  EXPECT_FALSE(other.append("r", "b", "k2").value().duplicate);
  EXPECT_THAT(events(one.take(2)), ElementsAre("a", "b"));
  EXPECT_THAT(events(one.read("r").value().publications), ElementsAre("a", "b"));
}

TEST_P(EveryHistory, KeepsTheKeysOfRoomsApart) {
  EXPECT_FALSE(one.append("r", "a", "k").value().duplicate);
  EXPECT_FALSE(one.append("s", "a", "k").value().duplicate);
  EXPECT_FALSE(one.append("r:k", "a", "x").value().duplicate);
  EXPECT_FALSE(one.append("r", "a", "k:x").value().duplicate);
  EXPECT_FALSE(one.append("r", "a", "{k}\"\n").value().duplicate);
  EXPECT_TRUE(one.append("r", "a", "{k}\"\n").value().duplicate);
}

TEST_P(EveryHistory, IsUnavailableBeforeTheBrokerStartsAndAfterItStops) {
  const HistoryProbe third(medium->make());
  one.broker().stop();
  for (const HistoryProbe* probe : {static_cast<const HistoryProbe*>(&third), static_cast<const HistoryProbe*>(&one)}) {
    EXPECT_EQ(probe->append("r", "a").error(), HistoryError::unavailable);
    EXPECT_EQ(probe->read("r").error(), HistoryError::unavailable);
    EXPECT_EQ(probe->tops({"r"}).error(), HistoryError::unavailable);
    EXPECT_EQ(probe->erase("r").error(), HistoryError::unavailable);
  }
  EXPECT_THAT(other.read("r").value().publications, IsEmpty());
}

TEST_P(EveryHistory, OutlivesTheBrokerThatWroteIt) {
  const Position last = one.append("r", "a").value().position;
  one.broker().stop();
  EXPECT_EQ(other.top("r").top, last);
  HistoryProbe third(medium->make());
  EXPECT_THAT(events(third.start().read("r").value().publications), ElementsAre("a"));
}

const LogKind kKinds[]{
    {"Local", [] { return std::make_unique<LocalLogMedium>(); }},
    {"Redis", [] { return std::make_unique<RedisLogMedium>(); }},
    {"RedisOverAUnixSocket", [] { return std::make_unique<UnixSocketLogMedium>(); }},
    {"RedisByPattern", [] { return std::make_unique<RedisPatternLogMedium>(); }},
    {"RedisCluster", [] { return std::make_unique<RedisClusterLogMedium>(); }},
};

INSTANTIATE_TEST_SUITE_P(Broker, EveryHistory, testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace hearth::test
