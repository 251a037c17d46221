#include "config/starter.hpp"

#include "unit/config/config_folder.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

namespace hearth::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

std::string without_comments(const std::string& text) {
  std::istringstream lines(text);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#') && !line.empty()) rest += line + '\n';
  }
  return rest;
}

std::string read(const Path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(ConfigStarter, IsAnIssuerAndThreeRules) {
  EXPECT_EQ(without_comments(starter("SECRET")), R"([[auth.jwt]]
secret = "SECRET"
algorithms = ["HS256"]
[[rooms]]
pattern = "news:*"
join = "anyone"
[[rooms]]
pattern = "user:{user}"
join = "users"
[[rooms]]
pattern = "chat:*"
join = "granted"
publish = ["members", "users"]
)");
}

TEST(ConfigStarter, HasNothingWrongWithIt) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems(starter(make_secret())), IsEmpty());
  EXPECT_THAT(folder.problems(starter(make_secret()) + starter_api_key(make_secret())), IsEmpty());
}

TEST(ConfigStarter, SecretsAreRandomAndHave43Characters) {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) {
    const std::string secret = make_secret();
    EXPECT_THAT(secret, MatchesRegex("[A-Za-z0-9_-]{43}"));
    EXPECT_TRUE(secrets.insert(secret).second);
  }
}

TEST(ConfigStarter, IsWrittenForItsOwnerAloneAndOverNothing) {
  const ConfigFolder folder;
  const Path file = folder.path() / "new.toml";
  write_new_file(file, "first");
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  try {
    write_new_file(file, "second");
    FAIL() << "it was written over";
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("new.toml is there already, and is left as it is"));
  }
  EXPECT_EQ(read(file), "first");
  EXPECT_THROW(write_new_file(folder.path() / "missing" / "x.toml", "x"), std::system_error);
}

}  // namespace
}  // namespace hearth::config
