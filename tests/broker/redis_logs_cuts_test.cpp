// The link to the logs of rooms breaks in the middle of a question, and in the middle of its answer.

#include "broker/cutting_proxy.hpp"
#include "broker/redis_appends.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearth::test {
namespace {

struct RedisLogCuts : testing::Test {
  RedisServer redis;
  CuttingProxy proxy{redis.port()};
  HistoryProbe cut{quick_broker(proxy.port())};
  HistoryProbe other{quick_broker(redis.port())};

  void SetUp() override {
    cut.start();
    other.start();
    cut.append("r", "first").value();
  }

  /// Appends once for each place that a cut can be at, as long as there is anything to cut.
  std::size_t cut_everywhere(bool in_answer, std::size_t step) {
    for (std::size_t bytes = 0;; bytes += step) {
      const std::string name = "event-" + std::to_string(bytes);
      proxy.plan({name, in_answer, bytes});
      const auto result = cut.append("r", name);
      EXPECT_TRUE(result.has_value());
      EXPECT_TRUE(proxy.has_cut());
      const LogPage page = other.read("r", expected_).value();
      EXPECT_EQ(page.publications.size(), 1U) << "cut after " << bytes << " bytes";
      ++expected_;
      EXPECT_EQ(result.value().position.offset, expected_);
      if (page.publications.empty() || page.publications.back()->event() != name) return bytes;
      if (bytes > (in_answer ? kAnswer : kQuestion)) return bytes;
    }
  }

  static constexpr std::size_t kQuestion = 450;  // bytes of a question with a short publication, about
  static constexpr std::size_t kAnswer = 60;
  std::uint64_t expected_ = 1;
};

TEST_F(RedisLogCuts, AQuestionThatIsCutAnywhereIsCarriedOutOnce) { EXPECT_GT(cut_everywhere(false, 7), kQuestion); }

TEST_F(RedisLogCuts, AQuestionWhoseAnswerIsCutAnywhereIsCarriedOutOnceAndItsPlaceIsTold) {
  EXPECT_GT(cut_everywhere(true, 1), kAnswer);
}

TEST_F(RedisLogCuts, AReadIsAskedAgain) {
  for (int i = 0; i < 20; ++i) other.append("r", "e").value();
  for (std::size_t bytes = 0; bytes < 2000; bytes += 191) {
    proxy.plan({"hearth:{r}:log", true, bytes});
    EXPECT_EQ(cut.read("r", 0, 100).value().publications.size(), 21U);
    EXPECT_TRUE(proxy.has_cut());
  }
}

}  // namespace
}  // namespace hearth::test
