#include "remote/api_place.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace hearth::app {
namespace {

TEST(ApiPlace, IsWrittenInManyWays) {
  EXPECT_EQ(parse_place("127.0.0.1:9080"), (ApiPlace{"127.0.0.1", 9080, {}}));
  EXPECT_EQ(parse_place("[::1]:9080"), (ApiPlace{"::1", 9080, {}}));
  EXPECT_EQ(parse_place("http://api.example"), (ApiPlace{"api.example", 80, {}}));
  EXPECT_EQ(parse_place("http://[fd00::1]:9080/"), (ApiPlace{"fd00::1", 9080, {}}));
  EXPECT_EQ(parse_place("https://api.example"), (ApiPlace{"api.example", 443, {}, true}));
  EXPECT_EQ(parse_place("https://[::1]:9080"), (ApiPlace{"::1", 9080, {}, true}));
  EXPECT_EQ(parse_place("unix:/run/hearth.sock"), (ApiPlace{"", 0, "/run/hearth.sock"}));
}

TEST(ApiPlace, NothingElseIsOne) {
  for (const std::string_view text : {"", "localhost", "9080", "http://", "ftp://localhost", "https://a/path",
                                      "http://a:x", "::1:9080", "unix:", "127.0.0.1:0", "a:65536"}) {
    EXPECT_FALSE(parse_place(text)) << text;
  }
}

TEST(ApiPlace, AServerOnAllAddressesIsOnThisMachine) {
  EXPECT_EQ(place_of("0.0.0.0:9080"), (ApiPlace{"127.0.0.1", 9080, {}}));
  EXPECT_EQ(place_of("[::]:9080"), (ApiPlace{"::1", 9080, {}}));
  EXPECT_EQ(place_of(":9080"), (ApiPlace{"127.0.0.1", 9080, {}}));
  EXPECT_FALSE(place_of("127.0.0.1:0"));
}

TEST(ApiPlace, IsShownAsItIsWritten) {
  for (const std::string_view text : {"127.0.0.1:9080", "[::1]:9080", "https://a.b:443", "unix:/run/hearth.sock"}) {
    EXPECT_EQ(parse_place(text)->str(), text);
  }
  EXPECT_EQ(parse_place("unix:/run/hearth.sock")->host_field(), "localhost");
}

}  // namespace
}  // namespace hearth::app
