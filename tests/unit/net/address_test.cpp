#include "net/address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace hearth::net {
namespace {

std::string only(std::string_view text) {
  const auto addresses = resolve(text);
  return addresses.size() == 1 ? addresses.front().str() : std::to_string(addresses.size()) + " addresses";
}

std::string complaint(std::string_view text) {
  try {
    resolve(text);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(Address, ReadsHostAndPort) {
  EXPECT_EQ(only("127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(only("127.0.0.1:0"), "127.0.0.1:0");
  EXPECT_EQ(only("255.10.0.100:65535"), "255.10.0.100:65535");
  EXPECT_EQ(only("[::1]:9000"), "[::1]:9000");
  EXPECT_EQ(only("unix:/run/x.sock"), "unix:/run/x.sock");
}

TEST(Address, AnEmptyHostIsEveryInterface) {
  bool v4 = false;
  for (const Address& address : resolve(":80")) v4 = v4 || address.str() == "0.0.0.0:80";
  EXPECT_TRUE(v4);
}

TEST(Address, TellsAndSetsThePort) {
  auto address = resolve("[::1]:1").front();
  EXPECT_EQ(address.port(), 1);
  address.set_port(65535);
  EXPECT_EQ(address.str(), "[::1]:65535");
  EXPECT_EQ(resolve("unix:/x").front().port(), 0);
}

TEST(Address, SaysWhatIsWrongWithText) {
  EXPECT_NE(complaint("127.0.0.1").find("it has no port"), std::string::npos);
  EXPECT_NE(complaint("127.0.0.1:").find("no number"), std::string::npos);
  EXPECT_NE(complaint("127.0.0.1:65536").find("no number from 0 to 65535"), std::string::npos);
  EXPECT_NE(complaint("127.0.0.1:http").find("no number"), std::string::npos);
  EXPECT_NE(complaint("::1:80").find("brackets"), std::string::npos);
  EXPECT_NE(complaint("[::1:80").find("`[` without `]`"), std::string::npos);
  EXPECT_NE(complaint("unix:").find("the path is empty"), std::string::npos);
  EXPECT_NE(complaint("unix:/" + std::string(107, 'x')).find("longer than 107"), std::string::npos);
  EXPECT_NE(complaint("no host here:80").find("cannot be resolved"), std::string::npos);
}

}  // namespace
}  // namespace hearth::net
