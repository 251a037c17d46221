#include "config/units.hpp"

#include <gtest/gtest.h>

namespace hearth::config {
namespace {

using namespace std::chrono_literals;

TEST(ConfigUnits, DurationsHaveAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("30d"), 30 * 24h);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(ConfigUnits, WhatIsNoDurationIsNone) {
  for (const std::string_view text :
       {"", "5", "s", "5 s", "1.5s", "-1s", "+1s", "5sec", "1h30m", "5S", " 5s", "99999999999999999999s", "40000d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(ConfigUnits, SizesHaveAUnit) {
  EXPECT_EQ(parse_size("12B"), ByteSize{12});
  EXPECT_EQ(parse_size("64KiB"), ByteSize{65'536});
  EXPECT_EQ(parse_size("1MiB"), ByteSize{1'048'576});
  EXPECT_EQ(parse_size("2GiB"), ByteSize{std::uint64_t{2} << 30});
  EXPECT_EQ(parse_size("0"), ByteSize{0});
  for (const std::string_view text : {"", "5", "KiB", "64KB", "64 KiB", "64kib", "-1B", "99999999999GiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(ConfigUnits, RatesAllowASecondsWorthAtOnceUnlessTheySayMore) {
  EXPECT_EQ(parse_rate("50/s", Rate::Unit::count), (Rate{50, 1s, 50}));
  EXPECT_EQ(parse_rate("600/min", Rate::Unit::count), (Rate{600, 60s, 10}));
  EXPECT_EQ(parse_rate("5/h", Rate::Unit::count), (Rate{5, 3600s, 1}));
  EXPECT_EQ(parse_rate("50/s burst 200", Rate::Unit::count), (Rate{50, 1s, 200}));
  EXPECT_EQ(parse_rate("256KiB/s burst 2MiB", Rate::Unit::bytes), (Rate{262'144, 1s, 2'097'152, Rate::Unit::bytes}));
  EXPECT_EQ(parse_rate("0", Rate::Unit::count)->amount, 0U);
  EXPECT_DOUBLE_EQ(parse_rate("30/min", Rate::Unit::count)->per_second(), 0.5);
}

TEST(ConfigUnits, WhatIsNoRateIsNone) {
  for (const std::string_view text : {"", "50", "50/", "/s", "0/s", "50/d", "50 / s", "50/s burst", "50/s burst 0",
                                      "50/s burst x", "50/s  burst 5", "-1/s", "50KiB/s", "50/s burst 2KiB"}) {
    EXPECT_FALSE(parse_rate(text, Rate::Unit::count)) << text;
  }
  for (const std::string_view text : {"50/s", "64KiB/s burst 200", "64KB/s"}) {
    EXPECT_FALSE(parse_rate(text, Rate::Unit::bytes)) << text;
  }
}

TEST(ConfigUnits, AreShownAsTheyAreRead) {
  for (const std::string_view text : {"0", "1ms", "1500ms", "90s", "5m", "36h", "30d"}) {
    EXPECT_EQ(show(*parse_duration(text)), text);
  }
  for (const std::string_view text : {"0", "1B", "1025B", "64KiB", "3MiB", "2GiB"}) {
    EXPECT_EQ(show(*parse_size(text)), text);
  }
  for (const std::string_view text : {"0", "50/s", "600/min", "5/h", "50/s burst 200", "30/min burst 5"}) {
    EXPECT_EQ(show(*parse_rate(text, Rate::Unit::count)), text);
  }
  EXPECT_EQ(show(*parse_rate("256KiB/s burst 2MiB", Rate::Unit::bytes)), "256KiB/s burst 2MiB");
}

}  // namespace
}  // namespace hearth::config
