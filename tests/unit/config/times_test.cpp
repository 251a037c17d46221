#include "config/times.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

namespace hearth::config {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_days kDay = std::chrono::year(2026) / 11 / 25;

TEST(Times, AreShownInUtc) {
  EXPECT_EQ(show_time(kDay + 18h + 5min + 7s + 999ms), "2026-11-25T18:05:07Z");
  EXPECT_EQ(show_time_exactly(kDay + 18h + 5min + 7s + 45ms), "2026-11-25T18:05:07.045Z");
  EXPECT_EQ(show_time_exactly(kDay - std::chrono::days(365 * 100)), "1926-12-20T00:00:00.000Z");
}

TEST(Times, AreReadAsTheyAreShown) {
  EXPECT_EQ(parse_time("2026-11-25T18:05:07Z"), kDay + 18h + 5min + 7s);
  EXPECT_EQ(parse_time("2026-11-25T18:05:07.999Z"), kDay + 18h + 5min + 7s) << "parts of a second are cut";
}

TEST(Times, NothingElseIsOne) {
  for (const std::string_view text : {"", "2026-11-25", "2026-11-25T18:05:07", "2026-11-25T18:05:07+01:00",
                                      "2026-13-25T18:05:07Z", "2026-11-31T18:05:07Z", "2026-11-25T24:05:07Z",
                                      "2026-11-25T18:05:07.Z", "2026-11-25T18:05:0xZ", "2026-11-25 18:05:07Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::config
