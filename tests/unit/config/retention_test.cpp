#include "config/retention.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <variant>

namespace hearth::config {
namespace {

using namespace std::chrono_literals;

TEST(Retention, IsANumberAndATime) {
  const auto read = std::get<Retention>(parse_retention("1000,30s"));
  EXPECT_EQ(read.size, 1000U);
  EXPECT_EQ(read.ttl, 30s);
}

TEST(Retention, IsForTenMinutesIfNothingElseIsSaid) {
  const auto read = std::get<Retention>(parse_retention("5"));
  EXPECT_EQ(read.size, 5U);
  EXPECT_EQ(read.ttl, 10min);
}

TEST(Retention, SaysWhatIsWrong) {
  for (const char* text : {"", "0", "100001", "-1", "many", "10m", "1e3,10m"}) {
    EXPECT_THAT(std::get<std::string>(parse_retention(text)), testing::HasSubstr("from 1 to 100000")) << text;
  }
  for (const char* text : {"10,", "10,0", "10,999ms", "10,31d", "10,10", "10,10m,"}) {
    EXPECT_THAT(std::get<std::string>(parse_retention(text)), testing::HasSubstr("from 1s to 30d")) << text;
  }
}

}  // namespace
}  // namespace hearth::config
