#include "shard/authentication_tally.hpp"

#include <gmock/gmock.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(AuthenticationTally, WithoutNamesAllAreTheHandlers) {
  const AuthenticationTally::NameMethod nobody_names;
  AuthenticationTally tally(nobody_names);
  ++tally.of({}).accepted;
  EXPECT_THAT(tally.counts(), ElementsAre(Pair("handler", AuthenticationCounts{.accepted = 1})));
}

TEST(AuthenticationTally, KeepsNamesApart) {
  std::string name = "jwt";
  const AuthenticationTally::NameMethod name_method = [&](const AuthenticateRequest&) -> std::string_view {
    return name;
  };
  AuthenticationTally tally(name_method);
  AuthenticationCounts& of_jwt = tally.of({});
  name = "card";
  ++tally.of({}).rejected;
  ++of_jwt.blocked;
  EXPECT_THAT(tally.counts(), ElementsAre(Pair("card", AuthenticationCounts{.rejected = 1}),
                                          Pair("jwt", AuthenticationCounts{.blocked = 1})));
}

TEST(AuthenticationTally, TakesNoMoreThanFewNames) {
  std::string name;
  const AuthenticationTally::NameMethod name_method = [&](const AuthenticateRequest&) -> std::string_view {
    if (name == "broken") throw std::runtime_error(name);
    return name;
  };
  AuthenticationTally tally(name_method);
  for (const char* none : {"", "broken"}) {
    name = none;
    ++tally.of({}).accepted;
  }
  for (std::size_t i = 0; i < AuthenticationTally::kMostMethods + 3; ++i) {
    name = std::to_string(i);
    ++tally.of({}).accepted;
  }
  name = "0";
  ++tally.of({}).accepted;
  EXPECT_EQ(tally.counts().size(), AuthenticationTally::kMostMethods + 1);
  EXPECT_EQ(tally.counts().at("other").accepted, 5U);
  EXPECT_EQ(tally.counts().at("0").accepted, 2U);
}

}  // namespace
}  // namespace hearth::shard
