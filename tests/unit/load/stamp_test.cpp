#include "load/stamp.hpp"

#include "protocol/json.hpp"

#include <gtest/gtest.h>

namespace hearth::load {
namespace {

std::string text_of(const Stamp& stamp, std::string_view room, std::size_t bytes) {
  std::string text;
  append_stamp(text, stamp, room, bytes);
  return text;
}

TEST(Stamp, IsFoundWhateverIsAroundIt) {
  const Stamp stamp{7, 123456789, 987654321};
  const std::string text = text_of(stamp, "a\"b", 100);
  EXPECT_EQ(find_stamp(text), stamp);
  EXPECT_EQ(find_stamp(R"({"event":"msg","data":)" + text + R"(,"from":{"id":"x"}})"), stamp);
}

TEST(Stamp, HasTheSizeAskedForAndIsJson) {
  for (std::size_t bytes = 0; bytes < 300; ++bytes) {
    const std::string text = text_of({1, 2, 3}, "room", bytes);
    EXPECT_TRUE(protocol::is_valid_json(text)) << text;
    if (bytes >= 60) {
      EXPECT_EQ(text.size(), bytes);
    }
  }
}

TEST(Stamp, IsNotFoundInOtherMessages) {
  EXPECT_FALSE(find_stamp(R"({"event":"connected","data":{"id":"x"}})"));
  EXPECT_FALSE(find_stamp(R"({"by":1})"));
  EXPECT_FALSE(find_stamp(R"({"by":1,"n":x})"));
  EXPECT_FALSE(find_stamp(R"({"by":99999999999999,"n":1,"at":1})"));
  EXPECT_FALSE(find_stamp(""));
}

}  // namespace
}  // namespace hearth::load
