// The logs of rooms in a Redis Cluster that moves their slots and loses their masters (docs/recovery.md).

#include "broker/redis_appends.hpp"
#include "broker/redis_cluster.hpp"
#include "hearth/emitter.hpp"
#include "history/lineage.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using namespace std::chrono_literals;

std::shared_ptr<Broker> cluster_broker(const ClusterServers& cluster) {
  RedisOptions options = RedisOptions::from_url(cluster.url());
  options.backoff_min = 2ms;
  options.backoff_max = 20ms;
  return make_redis_broker(options);
}

std::vector<std::uint64_t> offsets_up_to(std::uint64_t last) {
  std::vector<std::uint64_t> offsets;
  for (std::uint64_t offset = 1; offset <= last; ++offset) offsets.push_back(offset);
  return offsets;
}

/// How often a node was asked something.
std::uint64_t calls(const RedisServer& node, const std::string& command) {
  const std::string stats(node.command({"INFO", "commandstats"}).text());
  const std::string name = "cmdstat_" + command + ":calls=";
  const std::size_t at = stats.find(name);
  return at == std::string::npos ? 0 : std::stoull(stats.substr(at + name.size()));
}

/// A slot on its way from one master to another.
struct MovingSlot {
  ClusterServers& cluster;
  const std::uint16_t number;
  const RedisServer& from;
  const RedisServer& to;

  static std::string id(const RedisServer& node) { return std::string(node.command({"CLUSTER", "MYID"}).text()); }
  void set(const RedisServer& at, std::string_view state, const std::string& node) const {
    EXPECT_EQ(at.command({"CLUSTER", "SETSLOT", std::to_string(number), state, node}).text(), "OK");
  }
  void begin() const {
    set(to, "IMPORTING", id(from));
    set(from, "MIGRATING", id(to));
  }
  void move_keys() const {
    const auto keys = from.command({"CLUSTER", "GETKEYSINSLOT", std::to_string(number), "100"});
    const std::string port = std::to_string(to.port());
    std::vector<std::string_view> words{"MIGRATE", "127.0.0.1", port, "", "0", "5000", "KEYS"};
    for (std::size_t i = 1; i < keys.size(); ++i) words.push_back(keys.text(i));
    if (keys.size() > 1) {
      EXPECT_EQ(from.command(words).text(), "OK");
    }
  }
  void end() const {
    for (const RedisServer* node : {&to, &from}) set(*node, "NODE", id(to));
    for (const RedisServer& node : cluster.nodes()) {
      eventually("all to know its master", [&] {
        node.command({"CLUSTER", "SETSLOT", std::to_string(number), "NODE", id(to)});
        const auto table = redis::read_slot_table(node.command({"CLUSTER", "SLOTS"}), "127.0.0.1");
        const auto master = table ? table->master(number) : std::nullopt;
        return master && table->masters()[*master].port == to.port();
      });
    }
  }
};

struct RedisClusterLogs : testing::Test {
  ClusterServers& cluster = shared_cluster();
  HistoryProbe one{cluster_broker(cluster)};
  HistoryProbe other{cluster_broker(cluster)};

  void SetUp() override {
    cluster.flush();
    for (HistoryProbe* probe : {&one, &other}) {
      probe->history();
      probe->start();
    }
  }
};

TEST_F(RedisClusterLogs, EachRoomLiesWithItsMasterAndIsAskedOfThatAtOnce) {
  const auto redirected = [&] {
    std::uint64_t errors = 0;
    for (const RedisServer& node : cluster.nodes()) {
      const std::string stats(node.command({"INFO", "errorstats"}).text());
      const std::size_t at = stats.find("errorstat_MOVED:count=");
      if (at != std::string::npos) errors += std::stoull(stats.substr(at + 22));
    }
    return errors;
  };
  const std::uint64_t before = redirected();
  std::array<std::int64_t, ClusterServers::kMasters> rooms{};
  for (int i = 0; i < 30; ++i) {
    const std::string room = "room" + std::to_string(i);
    one.append(room, "a").value();
    ++rooms.at(ClusterServers::place_of(room));
    EXPECT_THAT(other.read(room).value().publications, SizeIs(1));
  }
  for (std::size_t place = 0; place < rooms.size(); ++place) {
    EXPECT_GT(rooms.at(place), 0);
    EXPECT_EQ(cluster.node(place).command({"DBSIZE"}).integer(), 2 * rooms.at(place));
  }
  EXPECT_EQ(redirected(), before);
}

TEST_F(RedisClusterLogs, ASlotThatMovesMeanwhileLosesDoublesAndReordersNothing) {
  constexpr std::uint64_t kPart = 200;
  const std::string room = ClusterServers::room_at(0);
  const MovingSlot moves{cluster, ClusterServers::slot_of(room), cluster.node(0), cluster.node(1)};
  other.subscribe(room);
  Appends appends(one, room);
  appends.add(kPart);
  // What begins a log while its slot is on its way waits until it has arrived.
  eventually("a log to be there", [&] { return appends.answered() > 0; });
  moves.begin();
  appends.add(kPart);  // while all of it is where it was
  moves.move_keys();
  const std::uint64_t asked = calls(cluster.node(1), "asking");
  appends.add(kPart);  // while it is with a node that does not have the slot
  eventually("those to be there", [&] { return appends.answered() > 2 * kPart; });
  EXPECT_GT(calls(cluster.node(1), "asking"), asked);
  EXPECT_GT(other.top(room).top.offset, 2 * kPart) << "it can be read there, too";
  // Whether there is such a key nobody can say before the slot has arrived.
  std::promise<Result<Appended>> keyed;
  one.history().append({.room = room, .event = "n", .data = JsonView::trusted("601")}, HistoryProbe::kKeepAll, "key",
                       [&](Result<Appended> result) { keyed.set_value(std::move(result)); });
  moves.end();
  EXPECT_EQ(keyed.get_future().get().value().position.offset, 3 * kPart + 1);
  EXPECT_TRUE(other.append(room, "n", "key").value().duplicate);
  std::uint64_t offset = 0;
  for (const auto& result : appends.results()) EXPECT_EQ(result.value().position.offset, ++offset);
  EXPECT_EQ(numbers_in_log(other, room), up_to(3 * kPart + 1));
  EXPECT_EQ(other.top(room).top.offset, 3 * kPart + 1);
  EXPECT_THAT(other.tops({room}).value().at(0).lineage, SizeIs(2)) << "the new master began a branch";
  std::vector<std::uint64_t> came;
  for (const auto& publication : other.take(3 * kPart + 1)) came.push_back(publication->position().offset);
  EXPECT_EQ(came, offsets_up_to(3 * kPart + 1));
  const MovingSlot back{cluster, moves.number, moves.to, moves.from};
  back.begin();
  back.move_keys();
  back.end();
  EXPECT_EQ(one.append(room, "home again").value().position.offset, 3 * kPart + 2);
}

TEST_F(RedisClusterLogs, AnEmitterAppendsToThemToo) {
  const std::string room = ClusterServers::room_at(2);
  other.subscribe(room);
  Emitter emitter(cluster.url(1));
  const EmitResult result = emitter.to_room(room, "e", "1", Retention{100, 10min}, "key").get();
  EXPECT_TRUE(result) << result.error;
  EXPECT_EQ(other.take(1).front()->position(), result.position);
  EXPECT_TRUE(emitter.to_room(room, "e", "1", Retention{100, 10min}, "key").get().duplicate);
}

TEST(RedisClusterLogFailover, RoomsOfOtherMastersGoOnAndTheReplicaTakesOverWhatItHas) {
  ClusterServers cluster;
  const auto replica = cluster.attach(2);
  HistoryProbe one(cluster_broker(cluster));
  HistoryProbe other(cluster_broker(cluster));
  one.start();
  other.start();
  const std::string lost = ClusterServers::room_at(2);
  const std::string safe = ClusterServers::room_at(0);
  const Position kept = one.append(lost, "kept").value().position;
  const Position elsewhere = one.append(safe, "kept").value().position;
  eventually("the replica to have it", [&] { return replica->command({"DBSIZE"}).integer() == 2; });
  // From now on the replica gets nothing.
  RedisServer& master = cluster.node(2);
  EXPECT_EQ(master.command({"ACL", "SETUSER", "default", "-psync", "-sync"}).text(), "OK");
  master.command({"CLIENT", "KILL", "TYPE", "replica"});
  EXPECT_EQ(one.append(lost, "lost").value().position, (Position{kept.epoch, 2}));
  master.kill();
  const auto failed = std::make_shared<std::atomic<bool>>(false);
  eventually("reads to fail at once", [&] {
    one.history().read(lost, 0, 10, [failed](const Result<LogPage>& page) { *failed = *failed || !page; });
    return failed->load();
  });
  Appends waiting(one, lost);
  waiting.add(50);
  for (std::uint64_t offset = 2; offset < 20; ++offset) {
    EXPECT_EQ(one.append(safe, "on").value().position, (Position{elsewhere.epoch, offset}));
  }
  const auto tops = one.tops({lost, safe}).value();
  EXPECT_FALSE(history::is_told(tops.at(0)));
  EXPECT_EQ(tops.at(1).top.offset, 19U);
  EXPECT_EQ(waiting.answered(), 0U);
  ClusterServers::take_over(*replica);
  const auto results = waiting.results();
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].value().position.offset, i + 2);
  const Epoch next = results.front()->position.epoch;
  EXPECT_NE(next, kept.epoch);
  EXPECT_THAT(other.top(lost).lineage, ElementsAre(Branch{kept.epoch, 1}, Branch{next, 2}));
  EXPECT_THAT(other.top(safe).lineage, ElementsAre(Branch{elsewhere.epoch, 1})) << "nothing of it was lost";
}

}  // namespace
}  // namespace hearth::test
