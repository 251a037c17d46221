#include "config/sources.hpp"

#include <gmock/gmock.h>

namespace hearth::config {
namespace {

using testing::ElementsAre;

TEST(ConfigFlags, StandForTheirKeys) {
  Settings settings;
  add_flags(settings,
            {{"--listen", {"a:1", "b:2"}}, {"--threads", {"4"}}, {"--deflate", {"true"}}, {"--other", {"x"}}});
  EXPECT_THAT(std::get<std::vector<std::string>>(settings.find("server.listen")->value), ElementsAre("a:1", "b:2"));
  EXPECT_EQ(std::get<std::int64_t>(settings.find("server.threads")->value), 4);
  EXPECT_TRUE(std::get<bool>(settings.find("server.deflate")->value));
  EXPECT_EQ(settings.find("server.threads")->origin.str(), "--threads");
  EXPECT_EQ(settings.find("server.path"), nullptr);
}

TEST(ConfigFlags, OneValueOfAListIsAList) {
  Settings settings;
  add_flags(settings, {{"--listen", {"[::1]:80"}}});
  EXPECT_THAT(std::get<std::vector<std::string>>(settings.find("server.listen")->value), ElementsAre("[::1]:80"));
}

}  // namespace
}  // namespace hearth::config
