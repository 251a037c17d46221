#include "config/text_checks.hpp"

#include <gmock/gmock.h>

namespace hearth::config {
namespace {

using testing::HasSubstr;
using testing::Not;

using WithWhy = std::vector<std::pair<std::string, std::string_view>>;

void expect_right(Wrong (*check)(const std::string&), const std::vector<std::string>& texts) {
  for (const std::string& text : texts) EXPECT_EQ(check(text), std::nullopt) << text;
}

void expect_wrong(Wrong (*check)(const std::string&), const WithWhy& texts) {
  for (const auto& [text, why] : texts) {
    const Wrong wrong = check(text);
    ASSERT_TRUE(wrong) << text;
    EXPECT_THAT(*wrong, HasSubstr(why)) << text;
  }
}

TEST(ConfigTextChecks, Addresses) {
  expect_right(check_address, {"127.0.0.1:8080", ":0", "[::]:65535", "localhost:80", "unix:/run/hearth.sock"});
  expect_wrong(check_address, {{"127.0.0.1", "without a port"},
                               {"127.0.0.1:x", "a port is a number"},
                               {"127.0.0.1:65536", "a port is a number"},
                               {"a:", "a port is a number"},
                               {"::1:80", "stands in brackets"},
                               {"[::1:80", "IPv6 address"},
                               {"[x]:80", "IPv6 address"},
                               {"http://a:80", "no scheme and no path"},
                               {"http://a", "no scheme and no path"},
                               {"/a:80", "no scheme and no path"},
                               {"unix:", "without a path"},
                               {"unix:" + std::string(108, 'x'), "107 bytes"}});
}

TEST(ConfigTextChecks, Paths) {
  expect_right(check_path, {"/", "/ws", "/é", "/a%20b"});
  expect_wrong(check_path, {{"ws", "begins with `/`"}, {"/a b", "%20"}, {"/a?b", "`?`"}, {"/a#b", "`#`"}});
}

TEST(ConfigTextChecks, Origins) {
  expect_right(check_origin, {"*", "same-host", "loopback", "https://A.example", "http://a:3000", "https://*.a.example",
                              "capacitor://localhost", "null"});
  expect_wrong(check_origin, {{"a.example", "without a scheme"},
                              {"https://", "without a host"},
                              {"https://a.example/", "without `/` after them"},
                              {"https://a.example/x", "without `/` after them"},
                              {"https://*", "before a domain"},
                              {"https://a.*.example", "before a domain"},
                              {"https://*.*.example", "before a domain"},
                              {"samehost", "\"same-host\""}});
}

TEST(ConfigTextChecks, Proxies) {
  expect_right(check_proxy, {"10.0.0.0/8", "192.0.2.1/32", "fd00::/8", "::1/128", "unix"});
  expect_wrong(check_proxy, {{"10.0.0.1", "give `10.0.0.1/32`"},
                             {"::1", "give `::1/128`"},
                             {"10.0.0.0/33", "from 0 to 32"},
                             {"fd00::/129", "from 0 to 128"},
                             {"10.0.0.0/", "from 0 to 32"},
                             {"10.0.0/8", "addresses such as"},
                             {"proxy", "addresses such as"}});
}

TEST(ConfigTextChecks, FieldsOfRequests) {
  expect_right(check_field, {"cookie", "user-agent", "x_y"});
  expect_wrong(check_field, {{"Cookie", "lower case"}, {"a b", "lower case"}, {"a:", "lower case"}});
}

TEST(ConfigTextChecks, Urls) {
  expect_right(check_url, {"http://a", "https://a.example/hook?x=y"});
  expect_wrong(check_url, {{"a.example", "no URL"}, {"ftp://a", "no URL"}, {"https://u:s3cret@a", "user name"}});
  EXPECT_THAT(*check_url("https://u:s3cret@a"), Not(HasSubstr("s3cret")));
  expect_right(check_guarded_url, {"https://a/jwks", "http://localhost:1/jwks", "http://127.0.0.1/jwks"});
  expect_wrong(check_guarded_url, {{"http://a/jwks", "by https"}, {"x", "no URL"}});
}

TEST(ConfigTextChecks, UrlsOfRedis) {
  expect_right(check_redis_url, {"redis://127.0.0.1:6379", "rediss://u:p@h/3"});
  expect_wrong(check_redis_url,
               {{"127.0.0.1", "is no URL of Redis: it has no scheme"}, {"redis://:s3cret@h:x", "port"}});
  EXPECT_THAT(*check_redis_url("redis://:s3cret@h:x"), Not(HasSubstr("s3cret")));
}

TEST(ConfigTextChecks, SecretsOfWebhooks) {
  expect_right(check_webhook_secret, {std::string(24, 'x'), "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
                                      "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u"});
  expect_wrong(check_webhook_secret, {{std::string(23, 'x'), "is 23 bytes; it needs at least 24"},
                                      {"whsec_c2hvcnQ=", "is 5 bytes in base64"},
                                      {"whsec_!", "no base64"},
                                      {"whsec_a===", "no base64"}});
}

TEST(ConfigTextChecks, Algorithms) {
  expect_right(check_algorithm, {"HS256", "PS512", "ES384", "EdDSA", "Ed25519"});
  expect_wrong(check_algorithm, {{"none", "nobody has signed"},
                                 {"hs256", "did you mean HS256?"},
                                 {"ES265", "did you mean ES256?"},
                                 {"A128KW", "there are HS256, "}});
}

TEST(ConfigTextChecks, OneOfAFewWords) {
  const CheckText check = one_of({"publish", "control", "read"});
  EXPECT_EQ(check("control"), std::nullopt);
  EXPECT_EQ(*check("publsh"), "is `publsh`; did you mean publish?");
  EXPECT_EQ(*check("everything"), "is `everything`; there are publish, control and read");
}

TEST(ConfigTextChecks, HostOfAnAddress) {
  EXPECT_EQ(host_of("127.0.0.1:80"), "127.0.0.1");
  EXPECT_EQ(host_of("[::1]:80"), "[::1]");
  EXPECT_EQ(host_of(":80"), "");
  EXPECT_EQ(host_of("unix:/run/x"), "");
}

}  // namespace
}  // namespace hearth::config
