// The scripts in Lua do what the simulation's store does, which the machines are tried against: the same questions in
// the same order, from a seed, and the answers of both.

#include "broker/log_scripts.hpp"
#include "broker/log_commands.hpp"
#include "sim/store.hpp"
#include "support/redis_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {
namespace {

using sim::Draft;
using sim::Logs;

constexpr std::uint32_t kRooms = 2;
constexpr std::uint32_t kNodes = 3;
constexpr Retention kKept{100'000, std::chrono::minutes(10)};

/// Asks both.
class BothStores {
 public:
  explicit BothStores(unsigned seed) : random_(seed) {}

  void step() {
    const std::uint32_t room = any(kRooms);
    switch (any(20)) {
      case 0:
        process_ = {1 + any(3), any(3)};  // another one, or one that has become a master again
        return;
      case 1:
        return any(4) == 0 ? flush() : void();
      case 2:
        ours_.evict_log(room);
        redis_.command({"DEL", broker::log_key(name(room), "log")});
        return;
      case 3:
        if (any(4) > 0) return;
        ours_.evict_meta(room);
        redis_.command({"DEL", broker::log_key(name(room), "meta")});
        return;
      case 4:
        if (any(4) > 0) return;
        ours_.erase(room);
        redis_.command({"DEL", broker::log_key(name(room), "meta"), broker::log_key(name(room), "log")});
        return;
      case 5:
      case 6:
      case 7:
        return read(room);
      default:
        return append(room);
    }
  }

 private:
  struct Number {
    std::uint64_t sequence;
    std::uint64_t previous;
  };

  static std::string name(std::uint32_t room) { return sim::room_name(room); }
  std::uint32_t any(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  Logs::Context context() {
    return {.process = process_,
            .new_epoch = {(std::uint64_t{random_()} << 16U) | ++epochs_},
            .now_ms = 1'000'000,
            .retention = kKept,
            .trim_slack = 1'000'000};
  }

  /// As RedisLogs makes it.
  std::string run_id() const {
    const std::string id = std::to_string(process_.id);
    return process_.promoted == 0 ? id : id + ' ' + std::to_string(process_.promoted);
  }

  void flush() {
    ours_.flush();
    redis_.command({"FLUSHALL"});
  }

  // Mostly the next of a node; or one that was sent before, or one whose predecessor never came.
  Number number(std::uint32_t node) {
    std::uint64_t& last = sequences_.at(node);
    const std::uint32_t kind = any(6);
    is_again_ = kind == 0;
    switch (kind) {
      case 0:
        return {std::max<std::uint64_t>(last, 1), last > 1 ? last - 1 : 0};
      case 1:
        last += 2;
        return {last, last - 1};
      default: {
        const std::uint64_t previous = last++;
        return {last, any(2) == 0 ? previous : 0};
      }
    }
  }

  void append(std::uint32_t room) {
    const Logs::Context now = context();
    const std::uint32_t node = any(kNodes);
    const std::string run = run_id();
    const std::string epoch = now.new_epoch.str();
    const std::string field = "pnode" + std::to_string(node);
    const std::string meta = broker::log_key(name(room), "meta");
    const std::string log = broker::log_key(name(room), "log");
    const std::uint32_t count = 1 + any(4);
    std::vector<Draft> drafts;
    std::vector<std::string> words;  // of each: envelope, sequence, previous
    std::vector<Logs::Outcome> expected;
    std::vector<bool> again;
    for (std::uint32_t i = 0; i < count; ++i) {
      drafts.push_back({.room = room, .key = ++keys_, .once = count == 1 && any(3) == 0 ? 1 + any(5) : 0});
      const Number its = number(node);
      again.push_back(is_again_);
      expected.push_back(ours_.append(now, {&drafts.back(), node, its.sequence, its.previous}));
      words.push_back(R"({"serverId":"n","type":"room","target":"x","event":"e","data":)" + std::to_string(keys_));
      words.push_back(std::to_string(its.sequence));
      words.push_back(std::to_string(its.previous));
    }
    const std::uint64_t key = drafts.front().once;
    const std::string once = broker::log_key(name(room), "once:" + std::to_string(key));
    std::vector<std::string_view> command{"EVAL", broker::kAppendScript, key != 0 ? "3" : "2", meta, log};
    if (key != 0) command.emplace_back(once);
    command.insert(command.end(), {run, epoch, "100000", "600000", "3600000", "channel", words[0], "1000000", field,
                                   words[1], words[2], "300000", "1000000"});
    for (std::size_t i = 3; i < words.size(); i += 3) {
      command.insert(command.end(), {words[i], "1000000", words[i + 1], words[i + 2]});
    }
    const auto reply = redis_.command(command);
    for (std::size_t place = 0; place < count; ++place) {
      const auto found = broker::read_append_reply(reply, place);
      ASSERT_TRUE(found) << reply.text();
      expect_same(*found, expected[place], again[place]);
    }
    EXPECT_FALSE(broker::read_append_reply(reply, count));
    read(room);
  }

  static void expect_same(const broker::AppendReply& found, const Logs::Outcome& expected, bool is_again) {
    ASSERT_EQ(found.is_out_of_order, expected.is_out_of_order);
    ASSERT_EQ(found.is_branch, expected.is_branch);
    ASSERT_EQ(found.appended.duplicate, expected.appended.duplicate);
    // The place of a duplicate may be known to one of both alone, and what comes again under its number is another
    // publication here.
    if (!is_again && expected.appended.position.offset != 0 && found.appended.position.offset != 0) {
      ASSERT_EQ(found.appended.position, expected.appended.position);
    }
    if (!expected.is_out_of_order && !expected.appended.duplicate) {
      ASSERT_NE(found.appended.position.offset, 0U);
    }
  }

  void read(std::uint32_t room) {
    const Logs::Context now = context();
    const auto [expected, is_branch] = ours_.read(room, now, 0, 1000, 1000);
    const auto reply = redis_.command({"EVAL", broker::kReadScript, "2", broker::log_key(name(room), "meta"),
                                       broker::log_key(name(room), "log"), run_id(), now.new_epoch.str(), "0", "1000",
                                       "3600000", "1000000", "1000000"});
    const auto found = broker::read_page_reply(reply, name(room));
    ASSERT_TRUE(found) << reply.text();
    ASSERT_EQ(found->page.log, expected.log);
    ASSERT_EQ(found->is_branch, is_branch);
    ASSERT_EQ(found->page.publications.size(), expected.publications.size());
    for (std::size_t i = 0; i < expected.publications.size(); ++i) {
      ASSERT_EQ(found->page.publications[i]->position(), expected.publications[i]->position());
      ASSERT_EQ(found->page.publications[i]->data().text(), expected.publications[i]->data().text());
    }
    const auto top =
        broker::read_top_reply(redis_.command({"HMGET", broker::log_key(name(room), "meta"), "e", "s", "l"}));
    ASSERT_EQ(top.value(), ours_.top(room));
  }

  std::minstd_rand random_;
  RedisServer redis_;
  Logs ours_{kRooms, [](std::uint32_t, const Branch&, Epoch) {}};
  sim::Process process_{1};
  std::uint64_t epochs_ = 0;
  std::uint64_t keys_ = 0;
  bool is_again_ = false;
  std::array<std::uint64_t, kNodes> sequences_{};
};

TEST(LogScripts, DoWhatTheSimulatedStoreDoes) {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    BothStores stores(seed);
    for (int i = 0; i < 400; ++i) {
      stores.step();
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
  }
}

TEST(LogScripts, KeepEightBranchesAndTheSequencesOfSixtyFourPublishers) {
  const RedisServer redis;
  for (int i = 1; i <= 80; ++i) {
    const std::string number = std::to_string(i);
    const std::string run = std::to_string(i / 6);
    const std::string epoch = Epoch{static_cast<std::uint64_t>(i)}.str();
    const auto reply = redis.command({"EVAL", broker::kAppendScript, "2", "m", "l", run, epoch, "1000", "60000",
                                      "3600000", "channel", "{", "1", "p" + number, "7", "0", "1000", "1"});
    ASSERT_EQ(reply.text(1), "new") << reply.text();
  }
  const auto top = broker::read_top_reply(redis.command({"HMGET", "m", "e", "s", "l"})).value();
  EXPECT_EQ(top.top, (Position{{78}, 80}));
  ASSERT_EQ(top.lineage.size(), History::kMostBranches);
  EXPECT_EQ(top.lineage.front(), (Branch{{36}, 36}));
  // As many as there were when the last branch began, and those that came since.
  EXPECT_EQ(redis.command({"HEXISTS", "m", "p13"}).integer(), 0);
  EXPECT_EQ(redis.command({"HEXISTS", "m", "p15"}).integer(), 1);
  EXPECT_EQ(redis.command({"HEXISTS", "m", "p80"}).integer(), 1);
}

TEST(LogScripts, ALogThatIsWrittenToKeepsItsMetaAlive) {
  const RedisServer redis;
  const auto append = [&](const std::string& now) {
    return redis.command({"EVAL", broker::kAppendScript, "2", "m", "l", "run", "AAAAAAAA", "1000", "60000", "8000000",
                          "channel", "{", "1", "", "", "0", "1000", now});
  };
  append("1000000");
  redis.command({"PEXPIRE", "m", "5000"});
  append("1900000");  // less than an eighth of its life later
  EXPECT_LE(redis.command({"PTTL", "m"}).integer(), 5000);
  append("2000001");
  EXPECT_GT(redis.command({"PTTL", "m"}).integer(), 5000);
}

TEST(LogScripts, WhatHasNoNumberIsAppendedEachTime) {
  const RedisServer redis;
  for (int i = 1; i <= 2; ++i) {
    const auto reply = redis.command({"EVAL", broker::kAppendScript, "2", "m", "l", "", "AAAAAAAA", "1000", "60000",
                                      "8000000", "channel", "{", "1", "", "", "0", "1000", "1"});
    EXPECT_EQ(reply.text(1), "new");
    EXPECT_EQ(reply.text(3), std::to_string(i));
  }
}

// Run ids as RedisLogs makes them, with the offset at which the process came to be a master.
TEST(LogScripts, BeginABranchWhenTheSameProcessHasBecomeAMasterAgain) {
  const RedisServer redis;
  const auto append = [&](std::string_view run, std::uint64_t epoch) {
    const auto reply = redis.command({"EVAL", broker::kAppendScript, "2", "m", "l", run, Epoch{epoch}.str(), "1000",
                                      "60000", "3600000", "channel", "{", "1", "", "", "0", "1000", "1"});
    return broker::read_append_reply(reply).value().appended.position;
  };
  const auto read = [&](std::string_view run, std::uint64_t epoch) {
    const auto reply = redis.command(
        {"EVAL", broker::kReadScript, "2", "m", "l", run, Epoch{epoch}.str(), "0", "0", "3600000", "1", "1"});
    return broker::read_page_reply(reply, "r").value().page.log.lineage.back();
  };
  EXPECT_EQ(append("a", 1), (Position{{1}, 1}));
  EXPECT_EQ(append("a 70", 2), (Position{{2}, 2}));
  EXPECT_EQ(append("a 70", 3), (Position{{2}, 3}));
  EXPECT_EQ(append("a", 4), (Position{{2}, 4})) << "a connection that is older, or a master that has forgotten it";
  EXPECT_EQ(read("a 69", 5), (Branch{{2}, 2}));
  EXPECT_EQ(read("a 100", 6), (Branch{{6}, 5}));
  EXPECT_EQ(append("a 100", 7), (Position{{6}, 5}));
  EXPECT_EQ(append("b", 8), (Position{{8}, 6}));
}

}  // namespace
}  // namespace hearth::test
