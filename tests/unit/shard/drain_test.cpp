#include "shard/drain.hpp"

#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class DrainTest : public testing::Test {
 protected:
  /// Turns at every deadline up to then; what was sent, by the second in which it was.
  std::map<int, std::vector<std::string>> until(net::Millis end) {
    std::map<int, std::vector<std::string>> sent;
    for (auto next = drain_.next(); next && *next <= start_ + end; next = drain_.next()) {
      now_ = std::max(*next, now_);
      drain_.go_on(now_);
      const auto second = std::chrono::floor<std::chrono::seconds>(now_ - start_).count();
      for (std::string& text : parts_.outlet.take()) sent[static_cast<int>(second)].push_back(std::move(text));
      if (*next < now_ && drain_.next() == next) break;
    }
    return sent;
  }
  void all_gone() {
    for (hub::Client* client : parts_.outlet.closed) parts_.hub.remove(*client);
    drain_.go_on(now_);
  }

  const net::TimePoint start_{1h};
  net::TimePoint now_ = start_;
  Parts parts_{Options{}};
  Drain drain_{parts_.hub, parts_.answers, parts_.outlet, 7};
  std::shared_ptr<int> over_ = std::make_shared<int>();
  std::weak_ptr<int> running_ = over_;
};

TEST_F(DrainTest, GoesAtAnEvenPace) {
  for (int i = 0; i < 300; ++i) parts_.client();
  drain_.begin(start_, 5s, 30s, std::move(over_));
  const auto sent = until(40s);
  EXPECT_EQ(sent.begin()->first, 5);
  EXPECT_EQ(sent.size(), 30U);
  for (const auto& [second, texts] : sent) {
    EXPECT_EQ(texts.size(), 10U) << second;
    EXPECT_THAT(texts, testing::Each("close 1001"));
  }
  EXPECT_FALSE(running_.expired());
  all_gone();
  EXPECT_TRUE(running_.expired());
  EXPECT_FALSE(drain_.next());
}

TEST_F(DrainTest, WhoUnderstandsItIsToldAndClosedOnlyIfItStays) {
  hub::Client& goes = parts_.client("ann");
  goes.reads_events = true;
  parts_.client("ben").reads_events = true;
  drain_.begin(start_, 0s, 0s, std::move(over_));
  drain_.go_on(start_);
  EXPECT_THAT(parts_.outlet.take(),
              testing::Each(testing::MatchesRegex(R"re(\{"event":"reconnect","data":\{"afterMs":[0-9]{1,4}\}\})re")));
  parts_.hub.remove(goes);
  EXPECT_THAT(until(4s), IsEmpty());
  EXPECT_THAT(until(6s)[5], ElementsAre("close 1001"));
}

TEST_F(DrainTest, IsInRandomOrder) {
  std::vector<hub::Client*> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(&parts_.client());
  drain_.begin(start_, 0s, 10s, std::move(over_));
  until(10s);
  EXPECT_NE(parts_.outlet.closed, clients);
  EXPECT_TRUE(
      std::is_permutation(clients.begin(), clients.end(), parts_.outlet.closed.begin(), parts_.outlet.closed.end()));
}

TEST_F(DrainTest, NewcomersAreRefusedOnceItsDelayIsOver) {
  EXPECT_FALSE(drain_.refuses_newcomers(start_));
  drain_.begin(start_, 5s, 30s, std::move(over_));
  EXPECT_FALSE(drain_.refuses_newcomers(start_ + 4s));
  EXPECT_TRUE(drain_.refuses_newcomers(start_ + 5s));
}

TEST_F(DrainTest, ASecondOneWaitsForTheFirst) {
  parts_.client();
  drain_.begin(start_, 0s, 1s, std::move(over_));
  auto second = std::make_shared<int>();
  const std::weak_ptr<int> second_runs = second;
  drain_.begin(start_, 10s, 100s, std::move(second));
  until(1s);
  EXPECT_FALSE(second_runs.expired());
  all_gone();
  EXPECT_TRUE(second_runs.expired());
  EXPECT_TRUE(running_.expired());
}

}  // namespace
}  // namespace hearth::shard
