#include "backend/trace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::app {
namespace {

const std::string kGood = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Traceparent, IsPassedOn) { EXPECT_EQ(traceparent_from(kGood), kGood); }

TEST(Traceparent, BeginsAnewWhenItIsNone) {
  for (const std::string& wrong : std::vector<std::string>{
           std::string(), std::string("00"), kGood + "-", kGood + "0", "ff" + kGood.substr(2),
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", kGood.substr(0, 54), "00_" + kGood.substr(3)}) {
    const std::string begun = traceparent_from(wrong);
    EXPECT_NE(begun, wrong);
    EXPECT_EQ(traceparent_from(begun), begun) << begun;
  }
}

TEST(RandomHex, IsAsLongAsAskedAndNeverTheSame) {
  EXPECT_EQ(random_hex(16).size(), 32U);
  EXPECT_NE(random_hex(16), random_hex(16));
}

}  // namespace
}  // namespace hearth::app
