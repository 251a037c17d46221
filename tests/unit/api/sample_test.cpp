#include "api/sample.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <memory>
#include <string>

namespace hearth::app {
namespace {

using testing::HasSubstr;
using testing::Not;

DurationHistogram histogram(std::vector<std::uint64_t> counts) { return {{0.001, 0.002, 0.004}, std::move(counts), 0}; }

TEST(SampleRing, KeepsTheLastOnes) {
  const auto ring = std::make_unique<SampleRing>();
  EXPECT_EQ(ring->size(), 0U);
  for (std::int64_t i = 0; i < 750; ++i) {
    Sample sample;
    sample.time = i;
    ring->add(sample);
  }
  ASSERT_EQ(ring->size(), 300U);
  EXPECT_EQ(ring->at(0).time, 450);
  EXPECT_EQ(ring->at(299).time, 749);
}

TEST(Quantile, IsOfWhatCameBetween) {
  const auto earlier = histogram({100, 0, 0, 0});
  EXPECT_FLOAT_EQ(quantile_between(earlier, histogram({100, 10, 0, 0}), 0.5), 0.0015F);
  EXPECT_FLOAT_EQ(quantile_between(earlier, histogram({102, 0, 2, 0}), 0.5), 0.001F);
  EXPECT_FLOAT_EQ(quantile_between(earlier, histogram({102, 0, 2, 0}), 1), 0.004F);
  EXPECT_FLOAT_EQ(quantile_between({}, histogram({4, 0, 0, 0}), 0.5), 0.0005F) << "the first has nothing before it";
}

TEST(Quantile, IsTheLastBoundIfItTookLonger) {
  EXPECT_FLOAT_EQ(quantile_between({}, histogram({0, 0, 0, 5}), 0.99), 0.004F);
}

TEST(Quantile, IsNoneIfNothingHappened) {
  EXPECT_TRUE(std::isnan(quantile_between(histogram({1, 2, 3, 4}), histogram({1, 2, 3, 4}), 0.5)));
  EXPECT_TRUE(std::isnan(quantile_between({}, {}, 0.5)));
}

TEST(Sample, LeavesOutWhatIsNotThere) {
  Sample sample;
  const std::string alone = boost::json::serialize(json_of(sample, {}));
  EXPECT_THAT(alone, HasSubstr(R"("time":"1970-01-01T00:00:00.000Z")"));
  EXPECT_THAT(alone, HasSubstr(R"("tick":null)"));
  EXPECT_THAT(alone, HasSubstr(R"("drops":{"backlog":0})"));
  EXPECT_THAT(alone, Not(HasSubstr("\"broker\"")));
  EXPECT_THAT(alone, Not(HasSubstr("roundTrip")));
  sample.has_broker = true;
  sample.broker = BrokerState::ready;
  const std::string joined = boost::json::serialize(json_of(sample, {}));
  EXPECT_THAT(joined, HasSubstr(R"("broker":"connected")"));
  EXPECT_THAT(joined, HasSubstr(R"("roundTrip":null)"));
  EXPECT_THAT(joined, HasSubstr(R"("warnings":[])"));
}

TEST(Sample, SaysWhatWentByAndHowLongTheBrokerTook) {
  Sample sample;
  sample.bytes_in = 12;
  sample.bytes_out = 34;
  sample.has_broker = true;
  sample.round_trip = {0.25F, 0.5F};
  const std::string text = boost::json::serialize(json_of(sample, {}));
  EXPECT_THAT(text, HasSubstr(R"("bytesIn":12,"bytesOut":34)"));
  EXPECT_THAT(text, HasSubstr(R"("roundTrip":{"p50":2.5E-1,"p99":5E-1})"));
}

TEST(Sample, WarnsOfWhatIsWrong) {
  Sample sample;
  sample.has_broker = true;
  sample.broker = BrokerState::degraded;
  sample.draining = true;
  sample.limits = 2;
  sample.troubles = 1;
  const std::string text =
      boost::json::serialize(json_of(sample, {{"connections", "messages"}, {"x ends", "", "", ""}}));
  EXPECT_THAT(text, HasSubstr(R"("code":"broker_degraded")"));
  EXPECT_THAT(text, HasSubstr(R"("code":"draining")"));
  EXPECT_THAT(text, HasSubstr(R"({"code":"certificate_ends","detail":"x ends"})"));
  EXPECT_THAT(text, HasSubstr("limits.messages was reached"));
  EXPECT_THAT(text, Not(HasSubstr("limits.connections")));
}

}  // namespace
}  // namespace hearth::app
