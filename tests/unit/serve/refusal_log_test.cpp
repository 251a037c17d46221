#include "serve/refusal_log.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;

TEST(RefusalLog, SumsUpWhatIsTooMuch) {
  std::vector<std::string> lines;
  RefusalLog refusals([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  const auto begin = RefusalLog::Clock::time_point(1h);
  for (unsigned i = 0; i < RefusalLog::kMostASecond + 3; ++i) refusals("refused", begin);
  EXPECT_EQ(lines, std::vector<std::string>(RefusalLog::kMostASecond, "refused"));
  lines.clear();
  refusals("refused", begin + 1s);
  refusals("refused", begin + 1s);
  EXPECT_THAT(lines, testing::ElementsAre("3 more clients were refused", "refused", "refused"));
}

}  // namespace
}  // namespace hearth::app
