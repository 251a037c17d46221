#include "config/suggestion.hpp"

#include <gtest/gtest.h>

namespace hearth::config {
namespace {

const std::vector<std::string_view> kWords{"algorithms", "audience", "issuer", "secret", "to"};

TEST(ConfigSuggestion, IsTheNearestWord) {
  EXPECT_EQ(nearest("algoritms", kWords), "algorithms");
  EXPECT_EQ(nearest("Audience", kWords), "audience");
  EXPECT_EQ(nearest("isuser", kWords), "issuer");
  EXPECT_EQ(nearest("sercet", kWords), "secret") << "two neighbours swapped";
  EXPECT_EQ(nearest("ot", kWords), "to");
}

TEST(ConfigSuggestion, KnowsWhatItIsCalledElsewhere) {
  EXPECT_EQ(nearest("port", {"path", "listen"}), "listen");
  EXPECT_EQ(nearest("--host", {"--path", "--listen"}), "--listen");
  EXPECT_EQ(nearest("HEARTH_SERVER_PORT", {"HEARTH_SERVER_PATH", "HEARTH_SERVER_LISTEN"}), "HEARTH_SERVER_LISTEN");
  EXPECT_EQ(nearest("iss", kWords), "issuer");
  EXPECT_EQ(nearest("port", {"path"}), std::nullopt) << "which is not here";
}

TEST(ConfigSuggestion, IsNoneIfNothingIsNear) {
  for (const std::string_view word : {"", "x", "host", "password", "algo"}) EXPECT_FALSE(nearest(word, kWords)) << word;
  EXPECT_FALSE(nearest(std::string(100'000, 'a'), kWords));
}

}  // namespace
}  // namespace hearth::config
