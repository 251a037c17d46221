#include "protocol/iso_time.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace hearth::protocol {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string after_epoch(std::chrono::system_clock::duration time) {
  return iso_time(std::chrono::system_clock::time_point(time));
}

TEST(IsoTime, WritesDateAndTimeInUtcWithMilliseconds) {
  EXPECT_EQ(after_epoch(milliseconds(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(after_epoch(milliseconds(1767323045678)), "2026-01-02T03:04:05.678Z");
}

TEST(IsoTime, FillsEveryFieldToItsWidth) {
  EXPECT_EQ(after_epoch(milliseconds(1767323045007)), "2026-01-02T03:04:05.007Z");
  EXPECT_EQ(after_epoch(milliseconds(1798761599999)), "2026-12-31T23:59:59.999Z");
  EXPECT_EQ(after_epoch(milliseconds(1798761600000)), "2027-01-01T00:00:00.000Z");
}

TEST(IsoTime, KnowsLeapYears) {
  EXPECT_EQ(after_epoch(seconds(1835395200)), "2028-02-29T00:00:00.000Z");
  EXPECT_EQ(after_epoch(seconds(1835395200 + 86400)), "2028-03-01T00:00:00.000Z");
  EXPECT_EQ(after_epoch(seconds(951782400)), "2000-02-29T00:00:00.000Z");
}

TEST(IsoTime, RoundsDown) {
  EXPECT_EQ(after_epoch(microseconds(1999)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(after_epoch(microseconds(-1)), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace hearth::protocol
