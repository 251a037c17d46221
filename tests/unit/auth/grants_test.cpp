#include "hearth/grants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <string>

namespace hearth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string problem(std::string_view text) {
  const auto grants = read_grants(boost::json::parse(text));
  return grants ? "taken" : grants.error().member + ": " + grants.error().text;
}

std::string list_of(std::size_t count, std::string_view element) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + std::string(element);
  return text + ']';
}

std::string quoted(std::size_t length) { return '"' + std::string(length, 'x') + '"'; }

TEST(Grants, AreReadFromTheObject) {
  const auto grants = read_grants(boost::json::parse(
      R"({"metadata":{"name":"Ann"},"join":["chat:42","team:7:**"],"publish":["chat:42"],"autoJoin":["team:7:general"],)"
      R"("messages":"500/s","info":{"avatar":"a.png"}})"));
  ASSERT_TRUE(grants);
  EXPECT_EQ(boost::json::serialize(grants->metadata), R"({"name":"Ann"})");
  ASSERT_EQ(grants->join.size(), 2U);
  EXPECT_EQ(grants->join[1].text(), "team:7:**");
  ASSERT_EQ(grants->publish.size(), 1U);
  EXPECT_THAT(grants->auto_join, ElementsAre("team:7:general"));
  EXPECT_EQ(grants->messages, (Rate{500, std::chrono::seconds(1), 500}));
  EXPECT_EQ(boost::json::serialize(grants->info), R"({"avatar":"a.png"})");
}

TEST(Grants, NeedNothing) {
  const auto grants = read_grants(boost::json::parse("{}"));
  ASSERT_TRUE(grants);
  EXPECT_TRUE(grants->metadata.is_null());
  EXPECT_THAT(grants->join, IsEmpty());
  EXPECT_EQ(grants->messages, std::nullopt);
}

TEST(Grants, AreAtMost64OfEachKind) {
  for (const std::string member : {"join", "publish", "autoJoin"}) {
    EXPECT_EQ(problem("{\"" + member + "\":" + list_of(64, R"("a")") + '}'), "taken");
    EXPECT_EQ(problem("{\"" + member + "\":" + list_of(65, R"("a")") + '}'),
              member + ": has 65 elements; at most 64 are taken");
  }
}

TEST(Grants, AreAtMost256CharactersLong) {
  EXPECT_EQ(problem(R"({"join":[)" + quoted(256) + "]}"), "taken");
  EXPECT_EQ(problem(R"({"join":["a",)" + quoted(257) + "]}"),
            "join[1]: the pattern `" + std::string(64, 'x') + "…` is longer than 256 characters");
  EXPECT_EQ(problem(R"({"autoJoin":[)" + quoted(256) + "]}"), "taken");
  EXPECT_EQ(problem(R"({"autoJoin":[)" + quoted(257) + "]}"),
            "autoJoin[0]: is no name of a room, which has 1 to 256 characters");
}

TEST(Grants, AreRefusedWhole) {
  EXPECT_EQ(problem("[]"), ": is no object");
  EXPECT_EQ(problem(R"({"join":{}})"), "join: is no array");
  EXPECT_EQ(problem(R"({"join":null})"), "join: is no array");
  EXPECT_EQ(problem(R"({"publish":["a",7]})"), "publish[1]: is no string");
  EXPECT_EQ(problem(R"({"publish":["a***"]})"),
            "publish[0]: the pattern `a***` has more than two `*` side by side; write * for a part of a name, ** for "
            "any text");
  EXPECT_EQ(problem(R"({"autoJoin":[""]})"), "autoJoin[0]: is no name of a room, which has 1 to 256 characters");
  EXPECT_EQ(problem(R"({"messages":500})"), "messages: is no rate, such as \"500/s\" or \"600/min burst 50\"");
  EXPECT_EQ(problem(R"({"messages":"0/s"})"), "messages: is no rate, such as \"500/s\" or \"600/min burst 50\"");
  EXPECT_EQ(problem(R"({"info":)" + quoted(1022) + '}'), "taken");
  EXPECT_EQ(problem(R"({"info":)" + quoted(1023) + '}'), "info: is 1025 bytes of JSON; at most 1024 are taken");
}

TEST(Grants, LeaveOutWhatMeansNothing) {
  const auto value = boost::json::parse(R"({"join":[],"autojoin":["a"],"admin":true})");
  EXPECT_TRUE(read_grants(value));
  EXPECT_THAT(unknown_grants(value), ElementsAre("autojoin", "admin"));
  EXPECT_THAT(unknown_grants(boost::json::parse("7")), IsEmpty());
}

TEST(Grants, ThrowAProblemThatNobodyLooksAt) {
  try {
    read_grants(boost::json::parse(R"({"join":7})")).value();
    FAIL() << "a value";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "hearth: `join` is no array");
  }
}

TEST(Rate, IsReadWithItsUnitAndBurst) {
  using std::chrono::seconds;
  EXPECT_EQ(parse_rate("50/s"), (Rate{50, seconds(1), 50}));
  EXPECT_EQ(parse_rate("600/min"), (Rate{600, seconds(60), 10}));
  EXPECT_EQ(parse_rate("1/min"), (Rate{1, seconds(60), 1}));
  EXPECT_EQ(parse_rate("50/s burst 200"), (Rate{50, seconds(1), 200}));
  EXPECT_EQ(parse_rate("1000000/s burst 1000000"), (Rate{1'000'000, seconds(1), 1'000'000}));
}

TEST(Rate, IsNothingElse) {
  for (const auto* text : {"",
                           "/",
                           "50",
                           "50/",
                           "/s",
                           "50/h",
                           "0/s",
                           "-1/s",
                           "+1/s",
                           "1.5/s",
                           "1000001/s",
                           "99999999999/s",
                           " 50/s",
                           "50 /s",
                           "50/s ",
                           "50/s burst",
                           "50/s burst 0",
                           "50/s  burst 5",
                           "50/s burst 5 ",
                           "50/s burst5",
                           "50/s Burst 5",
                           "50/s burst 5/s"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace hearth
