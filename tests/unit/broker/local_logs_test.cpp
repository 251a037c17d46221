#include "broker/local_logs.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearth::broker {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr Retention kRetention{100, 10min};

Position append(LocalLogs& logs, std::string_view room, std::int64_t now = kNow,
                const Retention& retention = kRetention, std::string_view key = {}) {
  return logs.append({.room = room, .event = "e"}, retention, key, now).value().appended.position;
}

TEST(LocalLogs, ForgetAKeyAfterFiveMinutes) {
  LocalLogs logs;
  append(logs, "r", kNow, kRetention, "k");
  const auto again = [&](std::int64_t now) {
    return logs.append({.room = "r", .event = "e"}, kRetention, "k", now).value().appended.duplicate;
  };
  EXPECT_TRUE(again(kNow + LocalLogs::kKeyLife - 1));
  EXPECT_FALSE(again(kNow + LocalLogs::kKeyLife));
}

TEST(LocalLogs, ForgetTheOldestOfTooManyKeys) {
  LocalLogs logs;
  for (std::size_t i = 0; i <= LocalLogs::kMostKeys; ++i) append(logs, "r", kNow, {1, 1s}, std::to_string(i));
  append(logs, "r");
  const auto known = [&](std::size_t number) {
    return logs.append({.room = "r", .event = "e"}, kRetention, std::to_string(number), kNow)
        .value()
        .appended.duplicate;
  };
  EXPECT_TRUE(known(1));
  EXPECT_FALSE(known(0));
}

TEST(LocalLogs, KeepByAgeWithoutHoles) {
  LocalLogs logs;
  append(logs, "r", kNow);
  append(logs, "r", kNow + 1000);
  logs.append({.room = "r", .event = "from the past", .time_ms = kNow - 1'000'000}, kRetention, {}, kNow + 1000)
      .value();
  const auto kept = [&](std::int64_t now) { return logs.read("r", 0, 10, now).publications.size(); };
  constexpr std::int64_t kTtl = 600'000;
  EXPECT_EQ(kept(kNow + kTtl - 1), 3U);
  EXPECT_EQ(kept(kNow + kTtl), 2U);
  EXPECT_EQ(kept(kNow + kTtl + 1000), 0U);
  EXPECT_EQ(logs.top("r").top.offset, 3U);
}

TEST(LocalLogs, GiveMemoryBackWithoutBeingRead) {
  LocalLogs logs;
  const std::weak_ptr<const StoredPublication> kept =
      logs.append({.room = "r", .event = "e"}, kRetention, {}, kNow).value().publication;
  EXPECT_FALSE(kept.expired());
  for (int i = 0; i < 3; ++i) append(logs, "other", kNow + 700'000);
  EXPECT_TRUE(kept.expired());
}

TEST(LocalLogs, ForgetALogThatNobodyHasWrittenForThirtyDays) {
  LocalLogs logs;
  const Epoch epoch = append(logs, "r").epoch;
  append(logs, "other", kNow + LocalLogs::kLogLife - 1);
  EXPECT_EQ(logs.top("r").top.epoch, epoch);
  for (int i = 0; i < 3; ++i) append(logs, "other", kNow + LocalLogs::kLogLife);
  EXPECT_EQ(logs.top("r"), LogTop{});
  EXPECT_NE(append(logs, "r", kNow + LocalLogs::kLogLife).epoch, epoch);
}

TEST(LocalLogs, TakeTheRetentionOfTheLastAppend) {
  LocalLogs logs;
  for (int i = 0; i < 10; ++i) append(logs, "r");
  append(logs, "r", kNow, {3, 10min});
  EXPECT_EQ(logs.read("r", 0, 100, kNow).publications.size(), 3U);
  append(logs, "r", kNow, {0, 10min});
  EXPECT_EQ(logs.read("r", 0, 100, kNow).publications.size(), 0U);
  EXPECT_EQ(logs.top("r").top.offset, 12U);
}

}  // namespace
}  // namespace hearth::broker
