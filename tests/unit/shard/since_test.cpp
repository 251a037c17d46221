#include "shard/since.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

namespace hearth::shard {
namespace {

using Kind = history::Since::Kind;

TEST(Since, NullIsFromNowOn) { EXPECT_EQ(parse_since("null").value().kind, Kind::now); }

TEST(Since, APositionIsAnEpochAndAnOffset) {
  const auto since = parse_since(R"({"offset":41,"epoch":"AAAAAAAB"})").value();
  EXPECT_EQ(since.kind, Kind::position);
  EXPECT_EQ(since.position, (Position{{.bits = 1}, 41}));
}

TEST(Since, TheLastAreAtMostAThousand) {
  EXPECT_EQ(parse_since(R"({"last":7})").value().position.offset, 7U);
  EXPECT_EQ(parse_since(R"({"last":9007199254740991})").value().position.offset, kMostLast);
}

TEST(Since, AnythingElseIsNone) {
  for (const std::string_view json :
       {"7", "\"x\"", "[]", "{}", R"({"last":-1})", R"({"last":1.5})", R"({"last":1e3})", R"({"offset":1})",
        R"({"epoch":"AAAAAAAB"})", R"({"epoch":7,"offset":1})", R"({"epoch":"AAAAAAA","offset":1})",
        R"({"epoch":"AAAAAAAB","offset":"1"})", R"({"epoch":"AAAAAAAB","offset":9007199254740992})"}) {
    EXPECT_FALSE(parse_since(json)) << json;
  }
}

}  // namespace
}  // namespace hearth::shard
