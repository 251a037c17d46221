// Commands over one link, against a redis-server of the tests' own.

#include "redis/pipeline.hpp"

#include "redis/io_thread.hpp"
#include "support/patience.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>
#include <boost/asio/post.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using redis::Pipeline;
using redis::RespCommand;
using std::chrono::milliseconds;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A pipeline with a thread of its own, and what became of its commands.
class Line final : private Pipeline::Owner {
 public:
  explicit Line(const RedisServer& server, std::string_view options = {},
                Pipeline::Settings settings = {.role = "test"}, std::function<void(Pipeline&)> when_up = {})
      : when_up_(std::move(when_up)),
        options_(RedisOptions::from_url(server.url() + "?dead_peer_timeout=900" + std::string(options))),
        pipeline_(io_.executor(), options_, nullptr, std::move(settings), *this) {
    io_.start();
    on_thread([this] { pipeline_.start(); });
  }
  ~Line() override { finish(milliseconds(0)); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  Pipeline* operator->() { return &pipeline_; }
  void on_thread(std::function<void()> what) { boost::asio::post(io_.executor(), std::move(what)); }
  void finish(milliseconds patience) {
    on_thread([this, patience] { pipeline_.finish(patience); });
    io_.end();
    io_.join();
  }
  void await_up() {
    eventually("the link to be up", [this] { return ups_ > downs_; });
  }
  void await_down() {
    eventually("the link to be down", [this] { return ups_ == downs_; });
  }
  int ups() const { return ups_; }
  int overflows() const { return overflows_; }
  int threw() const { return threw_; }

  /// Adds a command; what becomes of it is written down under `name`.
  void add(const std::string& name, RespCommand command, Pipeline::OnBreak on_break = Pipeline::OnBreak::give_up,
           RespCommand again = {}) {
    pipeline_.add({.command = std::move(command),
                   .done = [this, name](const Pipeline::Outcome& outcome) { note(name, outcome); },
                   .on_break = on_break,
                   .again = std::move(again)});
  }
  std::vector<std::string> done() const {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  void await_done(std::size_t count) {
    eventually("the commands to be done", [&] { return done().size() >= count; });
  }

 private:
  void note(const std::string& name, const Pipeline::Outcome& outcome) {
    constexpr const char* kFailures[]{"ok", "refused", "unconfirmed", "not sent"};
    const std::lock_guard lock(mutex_);
    done_.push_back(name + ' ' + kFailures[static_cast<int>(outcome.failure)]);
  }

  void pipeline_up() override {
    if (when_up_) when_up_(pipeline_);
    ++ups_;
  }
  void pipeline_down(const std::string& /*reason*/) override { downs_ = ups_.load(); }
  void pipeline_overflowed() override { ++overflows_; }
  void pipeline_done_threw() override { ++threw_; }

  const std::function<void(Pipeline&)> when_up_;  // what is done when the link is up, on its thread
  const RedisOptions options_;
  redis::IoThread io_{[](const std::string& what) { ADD_FAILURE() << what; }};
  std::atomic<int> ups_{0};
  std::atomic<int> downs_{0};
  std::atomic<int> overflows_{0};
  std::atomic<int> threw_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> done_;
  Pipeline pipeline_;
};

std::uint64_t round_trips(Line& line) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : line->counters().round_trips.snapshot().counts) sum += count;
  return sum;
}

RespCommand push(std::string_view text) { return RespCommand::of({"RPUSH", "list", text}); }

std::vector<std::string> list(const RedisServer& server) {
  const redis::RespReply reply = server.command({"LRANGE", "list", "0", "-1"});
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < reply.size(); ++i) texts.emplace_back(reply.text(i));
  return texts;
}

/// Redis takes commands that write, and does not carry them out until it is told.
void pause_writes(const RedisServer& server) { server.command({"CLIENT", "PAUSE", "600000", "WRITE"}); }
void go_on(const RedisServer& server) { server.command({"CLIENT", "UNPAUSE"}); }
void kill_links(const RedisServer& server) { server.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}); }
std::vector<std::string> numbered(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

TEST(Pipeline, CarriesCommandsOutInOrderAndAnswersInOrder) {
  const RedisServer server;
  Line line(server);
  const auto names = numbered(5000);
  std::vector<std::string> expected;
  for (const std::string& name : names) {
    line.add(name, push(name));
    expected.push_back(name + " ok");
  }
  line.await_done(names.size());
  EXPECT_EQ(line.done(), expected);
  EXPECT_EQ(list(server), names);
  EXPECT_EQ(line->counters().answered, names.size());
}

TEST(Pipeline, ARefusalConcernsOneCommandAlone) {
  const RedisServer server;
  Line line(server);
  line.add("a", push("a"));
  line.add("b", RespCommand::of({"INCR", "list"}));
  line.add("c", push("c"));
  line.await_done(3);
  EXPECT_THAT(line.done(), ElementsAre("a ok", "b refused", "c ok"));
  EXPECT_EQ(line->counters().refused, 1U);
}

TEST(Pipeline, WhatIsUnderWayWhenTheLinkBreaksIsUnconfirmedAndNotSentAgain) {
  const RedisServer server;
  Line line(server);
  line.await_up();
  pause_writes(server);
  line.add("a", push("a"));
  eventually("it to be under way", [&] { return line->queued_bytes() == 0; });
  kill_links(server);
  line.await_done(1);
  go_on(server);
  line.add("b", push("b"));
  line.await_done(2);
  EXPECT_THAT(line.done(), ElementsAre("a unconfirmed", "b ok"));
  EXPECT_THAT(list(server), ElementsAre("b"));
}

TEST(Pipeline, WhatIsToBeSentAgainIsInItsOrderBeforeWhatWaits) {
  const RedisServer server;
  Line line(server);
  line.await_up();
  pause_writes(server);
  line.add("a", push("a"), Pipeline::OnBreak::resend);
  line.add("lost", push("lost"));
  line.add("b", push("b"), Pipeline::OnBreak::resend, push("b again"));
  eventually("them to be under way", [&] { return line->queued_bytes() == 0; });
  for (int i = 0; i < 2; ++i) {  // more than once
    const int ups = line.ups();
    kill_links(server);
    eventually("the link to be back", [&] { return line.ups() > ups; });
  }
  line.add("c", push("c"), Pipeline::OnBreak::resend, push("c again"));
  EXPECT_THAT(line.done(), ElementsAre("lost unconfirmed"));
  go_on(server);
  line.await_done(4);
  EXPECT_THAT(line.done(), ElementsAre("lost unconfirmed", "a ok", "b ok", "c ok"));
  EXPECT_THAT(list(server), ElementsAre("a", "b again", "c"));
}

// A script that Redis has forgotten comes with a new connection, ahead of what waits, and order is kept.
TEST(Pipeline, AScriptThatIsForgottenIsLoadedAndNothingIsLostOrDoubled) {
  const RedisServer server;
  const std::string script = "return redis.call('RPUSH', KEYS[1], ARGV[1])";
  const std::string sha(server.command({"SCRIPT", "LOAD", script}).text());
  Line line(server, {}, {.role = "test"}, [&](Pipeline& pipeline) {
    pipeline.send_ahead(RespCommand::of({"SCRIPT", "LOAD", script}), {});
  });
  line.await_up();
  const auto names = numbered(2000);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == 1000) server.command({"SCRIPT", "FLUSH"});
    line.add(names[i], RespCommand::of({"EVALSHA", sha, "1", "list", names[i]}), Pipeline::OnBreak::resend);
  }
  line.await_done(names.size());
  EXPECT_THAT(line.done(), Each(HasSubstr(" ok")));
  EXPECT_EQ(list(server), names);
}

TEST(Pipeline, WhatIsHeldWaitsAndWhatIsSentAheadDoesNot) {
  const RedisServer server;
  std::atomic<bool> ahead{false};
  Line line(server, {}, {.role = "test"}, [&](Pipeline& pipeline) { pipeline.hold(); });
  line.await_up();
  line.add("held", push("held"));
  line.on_thread([&] {
    line->send_ahead(RespCommand::of({"PING"}), [&](const Pipeline::Outcome& outcome) {
      ahead = outcome.reply != nullptr && outcome.reply->text() == "PONG";
    });
  });
  eventually("the answer", [&] { return ahead.load(); });
  EXPECT_THAT(line.done(), IsEmpty());
  line.on_thread([&] { line->release(); });
  line.await_done(1);
}

TEST(Pipeline, PastTheLimitTheOldestGoOrTheNewestAreRefused) {
  const std::string_view limit = "&queue_limit=2000";
  RedisServer server;
  for (const auto overflow : {Pipeline::Overflow::drop_oldest, Pipeline::Overflow::refuse_newest}) {
    server.kill();
    Line line(server, limit, {.role = "test", .overflow = overflow});
    for (const std::string& name : numbered(100)) line.add(name, push(std::string(100, 'x')));
    const std::size_t lost = line.done().size();
    EXPECT_GT(lost, 80U);
    EXPECT_LE(line->queued_bytes(), 2000U);
    EXPECT_EQ(line.overflows(), 1);
    EXPECT_EQ(line.done().front(),
              overflow == Pipeline::Overflow::drop_oldest ? "0 not sent" : std::to_string(100 - lost) + " not sent");
    server.restart();
    line.await_done(100);
    EXPECT_EQ(line->counters().answered, 100 - lost);
  }
}

TEST(Pipeline, NothingWaitsForLongerThanItMay) {
  RedisServer server;
  Line line(server, {}, {.role = "test", .max_wait = milliseconds(200)});
  line.await_up();
  pause_writes(server);
  line.add("kept", push("kept"), Pipeline::OnBreak::resend);
  eventually("it to be under way", [&] { return line->queued_bytes() == 0; });
  server.kill();
  line.await_down();
  const auto begun = std::chrono::steady_clock::now();
  line.add("a", push("a"));
  line.await_done(2);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(190));
  EXPECT_THAT(line.done(), ElementsAre("kept unconfirmed", "a not sent"));
  EXPECT_EQ(line->queued_bytes(), 0U);
}

TEST(Pipeline, FinishingSendsWhatWaitsHeldOrNot) {
  const RedisServer server;
  Line line(server, {}, {.role = "test"}, [&](Pipeline& pipeline) { pipeline.hold(); });
  line.await_up();
  for (const std::string& name : numbered(1000)) line.add(name, push(name));
  line.finish(std::chrono::seconds(5));
  EXPECT_EQ(list(server), numbered(1000));
  line.add("late", push("late"));
  EXPECT_EQ(line.done().back(), "late not sent");
}

TEST(Pipeline, FinishingWaitsNoLongerThanItMay) {
  RedisServer server;
  Line line(server);
  line.await_up();
  server.pause();
  line.add("a", push("a"));
  line.add("b", push("b"), Pipeline::OnBreak::resend);
  line.finish(milliseconds(200));
  server.resume();
  EXPECT_THAT(line.done(), ElementsAre("a unconfirmed", "b unconfirmed"));
  EXPECT_FALSE(line->has_unfinished());
}

TEST(Pipeline, WhoeverThrowsWhenToldLosesNothingButThat) {
  const RedisServer server;
  Line line(server);
  line->add({.command = push("a"), .done = [](const Pipeline::Outcome&) { throw 42; }});
  line.add("b", push("b"));
  line.await_done(1);
  EXPECT_THAT(line.done(), ElementsAre("b ok"));
  EXPECT_EQ(line.threw(), 1);
  EXPECT_EQ(line.ups(), 1);
}

// Redis forgets who is to be answered while it is a replica's turn; the master is looked for again.
TEST(Pipeline, AServerThatIsReadOnlyIsLeft) {
  const RedisServer elsewhere;
  const RedisServer server;
  Line line(server, "&connect_timeout=600");
  line.await_up();
  server.command({"REPLICAOF", "127.0.0.1", std::to_string(elsewhere.port())});
  line.add("kept", push("kept"), Pipeline::OnBreak::resend);
  const int ups = line.ups();
  eventually("the link to be left", [&] { return server.clients_named("hearth:test") == 0; });
  EXPECT_THAT(line.done(), IsEmpty());
  server.command({"REPLICAOF", "NO", "ONE"});
  line.await_done(1);
  EXPECT_THAT(line.done(), ElementsAre("kept ok"));
  EXPECT_EQ(line.ups(), ups + 1);
}

TEST(Pipeline, MeasuresHowLongAnswersTake) {
  RedisServer server;
  Line line(server);
  line.await_up();
  const std::uint64_t before = round_trips(line);
  line.add("one", push("1"));
  line.await_done(1);
  eventually("it to be counted", [&] { return round_trips(line) > before; });
  EXPECT_GT(line->counters().round_trips.snapshot().sum, 0);
}

}  // namespace
}  // namespace hearth::test
