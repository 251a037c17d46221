#include "config/issuers.hpp"

#include <gtest/gtest.h>

namespace hearth::config {
namespace {

using namespace std::chrono_literals;

TEST(ConfigIssuers, APartOfASecondIsNotNone) {
  JwtConfig jwt;
  jwt.secret = {"0123456789abcdef0123456789abcdef"};
  jwt.algorithms = {"HS256"};
  jwt.max_lifetime = 1ms;
  jwt.leeway = 1'500ms;
  const JwtIssuer issuer = issuer_of(jwt);
  EXPECT_EQ(issuer.max_lifetime, 1s) << "0 would be no end at all";
  EXPECT_EQ(issuer.leeway, 2s);
}

}  // namespace
}  // namespace hearth::config
