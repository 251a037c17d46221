#include "log/log.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::chrono::seconds kPatience{10};

/// What a log has written so far; may be told to take nothing for a while.
class Written {
 public:
  Sink sink() {
    return [this](const LogRecord& record) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !blocked_; });
      lines_.push_back(std::string(record.event) + ": " + record.text());
      changed_.notify_all();
    };
  }
  void block(bool blocked) {
    const std::lock_guard lock(mutex_);
    blocked_ = blocked;
    changed_.notify_all();
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return lines_.size() >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool blocked_ = false;
  std::vector<std::string> lines_;
};

TEST(LogBetweenShards, WritesLinesInOrder) {
  Written written;
  const Log log(written.sink(), LogLevel::info);
  log(LogLevel::info, "a", "first", {{"name", "x"}, {"other", "y z"}});
  log(LogLevel::debug, "b", "too little");
  log(LogLevel::error, "c", "second");
  log.flush(kPatience);
  EXPECT_THAT(written.lines(), ElementsAre(R"(a: first name=x other="y z")", "c: second"));
}

TEST(LogBetweenShards, NobodyWaitsForASinkThatTakesNothing) {
  Written written;
  const Log log(written.sink(), LogLevel::info);
  written.block(true);
  const std::string line(std::size_t{100} * 1024, 'x');
  for (int i = 0; i < 100; ++i) log.application(LogLevel::info, line);
  EXPECT_GT(log.dropped(), 80U);
  log.flush(1ms);
  written.block(false);
  log.flush(kPatience);
  EXPECT_EQ(written.lines().size() + log.dropped(), 100U);
}

TEST(LogBetweenShards, OfOneKindNoMoreThanSoManyASecondAndThenHowManyMore) {
  Written written;
  const Log log(written.sink(), LogLevel::info);
  for (int i = 0; i < 500; ++i) log(LogLevel::info, "flood", "again");
  log(LogLevel::info, "other", "once");
  ASSERT_TRUE(written.wait_for(Log::kMostASecond + 2));
  const std::vector<std::string> lines = written.lines();
  EXPECT_EQ(lines[Log::kMostASecond], "other: once");
  EXPECT_THAT(lines.back(), HasSubstr("of=flood count=480"));
  EXPECT_EQ(log.suppressed(), 480U);
}

TEST(LogBetweenShards, WhatTheApplicationWritesIsNotLimited) {
  Written written;
  const Log log(written.sink(), LogLevel::info);
  for (int i = 0; i < 100; ++i) log.application(LogLevel::info, "line");
  log.flush(kPatience);
  EXPECT_THAT(written.lines(), SizeIs(100));
}

TEST(LogBetweenShards, ASinkThatThrowsIsCalledAgain) {
  int calls = 0;
  const Log log(
      [&](const LogRecord&) {
        ++calls;
        throw std::runtime_error("full");
      },
      LogLevel::info);
  log(LogLevel::info, "a", "one");
  log(LogLevel::info, "a", "two");
  log.flush(kPatience);
  log.close();
  EXPECT_EQ(calls, 2);
}

TEST(LogBetweenShards, AfterItIsClosedNothingIsWritten) {
  Written written;
  const Log log(written.sink(), LogLevel::info);
  log(LogLevel::info, "a", "before");
  log.flush(kPatience);
  log.close();
  log(LogLevel::info, "a", "after");
  log.flush(1ms);
  EXPECT_THAT(written.lines(), SizeIs(1));
}

TEST(LogBetweenShards, TheLevelCanBeChanged) {
  Written written;
  const Log log(written.sink(), LogLevel::off);
  log(LogLevel::error, "a", "no");
  log.set_level(LogLevel::trace);
  EXPECT_TRUE(log.wants(LogLevel::trace));
  log(LogLevel::trace, "a", "yes");
  log.flush(kPatience);
  EXPECT_THAT(written.lines(), ElementsAre("a: yes"));
}

TEST(LogBetweenShards, OneThatIsNoneTakesEverything) {
  const Log log;
  log(LogLevel::error, "a", "nowhere");
  log.flush(1ms);
  log.close();
  EXPECT_EQ(log.dropped(), 0U);
}

}  // namespace
}  // namespace hearth::log
