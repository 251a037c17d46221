#include "config/print.hpp"

#include "unit/config/config_folder.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace hearth::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string printed(const Loaded& loaded) {
  std::ostringstream out;
  print_effective(out, loaded);
  return out.str();
}

TEST(ConfigPrint, ShowsValuesAndWhereTheyComeFrom) {
  const ConfigFolder folder;
  const std::string text =
      printed(folder.load("[server]\npath = \"/x\"\n", {{"HEARTH_SERVER_THREADS", "2"}}, {{"--log-level", {"debug"}}}));
  EXPECT_THAT(text, testing::ContainsRegex("path = \"/x\" +# .*hearth.toml:2:8\n"));
  EXPECT_THAT(text, testing::ContainsRegex("threads = 2 +# HEARTH_SERVER_THREADS\n"));
  EXPECT_THAT(text, testing::ContainsRegex("level = \"debug\" +# --log-level\n"));
  EXPECT_THAT(text, testing::ContainsRegex("auth_timeout = \"5s\" +# default\n"));
  EXPECT_THAT(text, AllOf(HasSubstr("\n[server]\n"), HasSubstr("# url: not set\n"),
                          Not(HasSubstr("encryption_failures")), HasSubstr("[api.tls]")));
}

constexpr std::string_view kSecrets = R"(
[[auth.jwt]]
secret = ["s3cret-0123456789abcdef0123456789", "s3cret-1123456789abcdef0123456789"]
algorithms = ["HS256"]
[broker]
url = "redis://:s3cret@h"
[[rooms]]
pattern = "a \"quoted\" \\* name"
)";

TEST(ConfigPrint, MasksSecrets) {
  const ConfigFolder folder;
  const Loaded loaded = folder.load(kSecrets);
  ASSERT_THAT(folder.problems_of(loaded), IsEmpty());
  const std::string text = printed(loaded);
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  for (const std::string_view key : {"\nsecret = \"***\"", "\nurl = \"***\""}) {
    EXPECT_THAT(text, HasSubstr(key));
  }
}

TEST(ConfigPrint, IsAFileThatSaysTheSame) {
  const ConfigFolder folder;
  std::string text = printed(folder.load(kSecrets));
  // What was masked has to be given again.
  for (const auto& [key, value] :
       {std::pair<std::string, std::string>("secret", "0123456789abcdef0123456789abcdef"), {"url", "redis://h"}}) {
    for (std::size_t at = 0; (at = text.find('\n' + key + " = \"***\"")) != std::string::npos;) {
      text.replace(at, key.size() + 9, '\n' + key + " = \"" + value + '"');
    }
  }
  const Loaded again = folder.load(text);
  EXPECT_THAT(folder.problems_of(again), IsEmpty());
  ASSERT_EQ(again.config.rooms.size(), 1U);
  EXPECT_EQ(again.config.rooms[0].pattern.front(), "a \"quoted\" \\* name");
}

TEST(ConfigPrint, ShowsTheTableOfKeys) {
  std::ostringstream out;
  print_keys(out);
  EXPECT_THAT(out.str(),
              AllOf(HasSubstr("### `[server]`\n"), HasSubstr("### `[[auth.jwt]]`\n"),
                    HasSubstr("| `auth_timeout` | duration | `\"5s\"` |  | "),
                    HasSubstr("| `secret` ♦ | text or list | none | R | "),
                    HasSubstr("| `threads` | number from 0 to 256 | `0` |  | "), HasSubstr("(`--threads`) |\n"),
                    Not(HasSubstr("encryption_failures")), HasSubstr("[api.tls]")));
}

}  // namespace
}  // namespace hearth::config
