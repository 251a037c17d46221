#include "shard/expiries.hpp"

#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class ExpiriesTest : public testing::Test {
 protected:
  /// One that understands what Ignis does not say, or a plain one.
  hub::Client& client(bool reads_events = true) {
    hub::Client& client = parts_.client("ann");
    client.reads_events = reads_events;
    return client;
  }
  /// What is sent up to then, at the second at which it is.
  std::vector<std::string> until(std::chrono::seconds end) {
    std::vector<std::string> all;
    for (auto at = 0s; at <= end; ++at) {
      expiries_.expire(start_ + at);
      for (const std::string& text : parts_.outlet.take()) all.push_back(std::to_string(at.count()) + " " + text);
    }
    return all;
  }

  const net::TimePoint start_{1h};
  Parts parts_{Options{}};
  Expiries expiries_{25s, parts_.hub, parts_.answers, parts_.outlet, 42};
};

TEST_F(ExpiriesTest, ItIsToldWithinTheGraceAndClosedAfterIt) {
  expiries_.set(client(), start_ + 60s, start_);
  const auto told = until(200s);
  ASSERT_EQ(told.size(), 2U);
  const int at = std::stoi(told[0]);
  EXPECT_GE(at, 35);
  EXPECT_LE(at, 60);
  EXPECT_THAT(told[0], testing::HasSubstr(R"({"event":"token_expiring","data":{"expiresIn":)"));
  EXPECT_EQ(told[1], "85 close 4006");
}

TEST_F(ExpiriesTest, ThoseThatCameTogetherAreToldApart) {
  for (int i = 0; i < 200; ++i) expiries_.set(client(), start_ + 60s, start_);
  std::map<int, int> by_second;
  for (const std::string& text : until(60s)) ++by_second[std::stoi(text)];
  EXPECT_GE(by_second.size(), 20U);
  const auto most = std::max_element(by_second.begin(), by_second.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  EXPECT_LT(most->second, 30);
}

TEST_F(ExpiriesTest, APlainClientIsClosedWithoutAWord) {
  expiries_.set(client(false), start_ + 60s, start_);
  EXPECT_THAT(until(200s), ElementsAre("85 close 4006"));
}

TEST_F(ExpiriesTest, WhoHasRenewedWaitsForTheNewEnd) {
  hub::Client& renewed = client();
  expiries_.set(renewed, start_ + 60s, start_);
  expiries_.set(renewed, start_ + 1000s, start_);
  EXPECT_THAT(until(900s), IsEmpty());
  expiries_.set(renewed, std::nullopt, start_);
  EXPECT_THAT(until(2000s), IsEmpty());
}

TEST_F(ExpiriesTest, AnIdentityShorterThanTheGraceIsToldOf) {
  expiries_.set(client(), start_ + 3s, start_);
  const auto told = until(100s);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_LE(std::stoi(told[0]), 3);
  EXPECT_EQ(told[1], "28 close 4006");
}

TEST_F(ExpiriesTest, OneThatIsOverAlreadyHasTheGraceLeft) {
  expiries_.set(client(false), start_ - 5s, start_);
  EXPECT_THAT(until(100s), ElementsAre("20 close 4006"));
}

TEST_F(ExpiriesTest, WhoHasGoneIsForgotten) {
  hub::Client& gone = client();
  expiries_.set(gone, start_ + 60s, start_);
  parts_.hub.remove(gone);
  EXPECT_THAT(until(200s), IsEmpty());
}

}  // namespace
}  // namespace hearth::shard
