#include "remote/running_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::app {
namespace {

std::string chosen(const std::vector<config::ApiKeyConfig>& keys, const Errand& errand) {
  const auto* key = key_for(keys, errand);
  return key == nullptr ? "none" : key->name;
}

TEST(KeyFor, IsTheFirstThatIsAllowed) {
  const std::vector<config::ApiKeyConfig> keys{
      {"watch", "", {"read"}, {}}, {"desk", "", {"publish"}, {{"news:*"}}}, {"all", "", {"publish", "control"}, {}}};
  const std::vector<std::string> news{"news:1"};
  const std::vector<std::string> mixed{"news:1", "tea"};
  EXPECT_EQ(chosen(keys, {"read"}), "watch");
  EXPECT_EQ(chosen(keys, {"control"}), "all");
  EXPECT_EQ(chosen(keys, {"publish", news}), "desk");
  EXPECT_EQ(chosen(keys, {"publish", mixed}), "all");
  EXPECT_EQ(chosen(keys, {"publish", {}, false}), "all");
}

TEST(KeyFor, MayBeNone) {
  const std::vector<config::ApiKeyConfig> keys{{"desk", "", {"publish"}, {{"news:*"}}}};
  EXPECT_EQ(chosen(keys, {"control"}), "none");
  EXPECT_EQ(chosen(keys, {"publish", {}, false}), "none");
}

}  // namespace
}  // namespace hearth::app
