// What shards share.

#include "unit/auth/rules.hpp"
#include "unit/auth/tokens.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

TEST(RoomRulesInShards, DecideInAllOfThemAtOnce) {
  const RoomRules rules({{.pattern = {"own:{user}:**"}, .join = {"users"}}, {.pattern = {"**"}, .join = {"granted"}}});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, user = "user-" + std::to_string(i)] {
      const RoomRules copy = rules;
      const Asking asking(copy, {.user = user, .join = {"b:*"}});
      for (int n = 0; n < 500; ++n) {
        if (asking.join("own:" + user + ":x") != "allowed 0") ++wrong;
        if (asking.join("b:x") != "allowed 1") ++wrong;
        if (asking.join("own:other:x") != "refused 1 200") ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(JwtVerifierInShards, WorksInAllOfThemWhileItsKeysAreReplaced) {
  const auto set = [](std::string_view kid) {
    boost::json::object jwk = jwt_key(JwtAlgorithm::es256).jwk;
    jwk["kid"] = kid;
    return boost::json::serialize(boost::json::object{{"keys", boost::json::array{jwk}}});
  };
  JwtVerifier verifier({{.jwks = set("a"), .algorithms = {JwtAlgorithm::es256}}});
  const std::string token = raw_token(JwtAlgorithm::es256, R"({"alg":"ES256","kid":"a"})", claims_with(""));
  std::atomic<int> taken = 0;
  std::atomic<int> unknown = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) {
        const JwtResult result = verifier.verify(token, kNow);
        if (result) ++taken;
        if (!result && result.error().reason == JwtReason::kid) ++unknown;
        if (!result && result.error().reason != JwtReason::kid) ++wrong;
      }
    });
  }
  for (int i = 0; i < 100; ++i) verifier.replace_jwks(0, set(i % 2 == 0 ? "b" : "a"));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken + unknown, 300);
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace hearth::test
