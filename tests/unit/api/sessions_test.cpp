#include "api/sessions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Sessions::Clock::time_point kDawn{hours(400'000)};

TEST(Sessions, AreFoundByTheirSecretUntilTheyEnd) {
  Sessions sessions;
  const std::string secret = sessions.begin(digest_of("key"), kDawn);
  EXPECT_EQ(secret.size(), 64U) << "256 bits";
  ASSERT_TRUE(sessions.find(secret, kDawn + hours(12) - seconds(1)));
  EXPECT_EQ(sessions.find(secret, kDawn)->key, digest_of("key"));
  EXPECT_FALSE(sessions.find(secret, kDawn + hours(12)));
  EXPECT_FALSE(sessions.find(std::string(64, '0'), kDawn));
  EXPECT_FALSE(sessions.find("", kDawn));
}

TEST(Sessions, EachHasASecretOfItsOwn) {
  Sessions sessions;
  const std::string one = sessions.begin(digest_of("key"), kDawn);
  const std::string other = sessions.begin(digest_of("key"), kDawn);
  EXPECT_NE(one, other);
  sessions.end(one);
  EXPECT_FALSE(sessions.find(one, kDawn));
  EXPECT_TRUE(sessions.find(other, kDawn));
}

TEST(Sessions, TheOneNearestToItsEndGoesIfThereAreTooMany) {
  Sessions sessions;
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i <= Sessions::kMost; ++i) {
    secrets.push_back(sessions.begin(digest_of("key"), kDawn + seconds(i)));
  }
  EXPECT_FALSE(sessions.find(secrets[0], kDawn));
  EXPECT_TRUE(sessions.find(secrets[1], kDawn));
  EXPECT_TRUE(sessions.find(secrets.back(), kDawn));
}

TEST(Sessions, ThoseThatHaveEndedGoFirst) {
  Sessions sessions;
  const std::string late = sessions.begin(digest_of("key"), kDawn + hours(13));
  for (std::size_t i = 1; i < Sessions::kMost; ++i) sessions.begin(digest_of("key"), kDawn);
  const std::string last = sessions.begin(digest_of("key"), kDawn + hours(14));
  EXPECT_TRUE(sessions.find(late, kDawn + hours(14)));
  EXPECT_TRUE(sessions.find(last, kDawn + hours(14)));
}

TEST(Cookie, IsFoundByItsWholeName) {
  EXPECT_EQ(cookie_of("hearth_session=abc", "hearth_session"), "abc");
  EXPECT_EQ(cookie_of("a=1; hearth_session=abc; b=2", "hearth_session"), "abc");
  EXPECT_EQ(cookie_of("a=1;hearth_session=", "hearth_session"), "");
  EXPECT_EQ(cookie_of("xhearth_session=abc; hearth_sessionx=1", "hearth_session"), std::nullopt);
  EXPECT_EQ(cookie_of("hearth_session", "hearth_session"), std::nullopt);
  EXPECT_EQ(cookie_of(";; ; =;", "hearth_session"), std::nullopt);
  EXPECT_EQ(cookie_of("", "hearth_session"), std::nullopt);
}

}  // namespace
}  // namespace hearth::app
