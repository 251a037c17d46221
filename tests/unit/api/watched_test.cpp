#include "api/watched.hpp"

#include <gtest/gtest.h>

namespace hearth::app {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1'500)};

TEST(WatchedPublication, IsALineWhateverItsSpaces) {
  const WatchedPublication seen{
      "tea", "st\nory", JsonView::trusted("{\n\"a\":\r\n1}"), JsonView::trusted(R"({"id":"i"})"), Position{{}, 7}, 0};
  EXPECT_EQ(text_of(seen, kTime),
            R"({"time":"1970-01-01T00:00:01.500Z","event":"st\nory","data":{ "a":  1},"from":{"id":"i"},"offset":7})");
}

TEST(WatchedPublication, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(text_of({"tea", "story", {}, {}, {}, 0}, kTime), R"({"time":"1970-01-01T00:00:01.500Z","event":"story"})");
}

}  // namespace
}  // namespace hearth::app
