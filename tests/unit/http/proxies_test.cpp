#include "http/proxies.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::http {
namespace {

using testing::HasSubstr;

Proxies proxies(std::vector<std::string> trusted) { return Proxies(trusted); }

std::string head(std::initializer_list<std::string> forwarded) {
  std::string text = "GET /ws HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& value : forwarded) text += "X-Forwarded-For: " + value + "\r\n";
  return text + "Upgrade: websocket\r\n\r\n";
}

TEST(Proxies, NobodyIsTrustedUnlessNamed) {
  EXPECT_FALSE(Proxies().any());
  EXPECT_FALSE(Proxies().trusts("127.0.0.1:80"));
  EXPECT_FALSE(Proxies().trusts("unix"));
}

TEST(Proxies, AnAddressStandsForItself) {
  const Proxies one = proxies({"192.0.2.1", "2001:db8::1", "[2001:db8::2]"});
  EXPECT_TRUE(one.any());
  EXPECT_TRUE(one.trusts("192.0.2.1:5000"));
  EXPECT_TRUE(one.trusts("192.0.2.1"));
  EXPECT_FALSE(one.trusts("192.0.2.2:5000"));
  EXPECT_TRUE(one.trusts("[2001:db8::1]:5000"));
  EXPECT_TRUE(one.trusts("2001:db8::2"));
  EXPECT_FALSE(one.trusts("[2001:db8::3]:5000"));
}

TEST(Proxies, ANetworkIsOfItsPrefix) {
  const Proxies some = proxies({"10.0.0.0/8", "192.0.2.128/25", "2001:db8:8000::/33", "0.0.0.0/32"});
  EXPECT_TRUE(some.trusts("10.255.0.1:1"));
  EXPECT_FALSE(some.trusts("11.0.0.1:1"));
  EXPECT_TRUE(some.trusts("192.0.2.128:1"));
  EXPECT_FALSE(some.trusts("192.0.2.127:1"));
  EXPECT_TRUE(some.trusts("[2001:db8:ffff::1]:1"));
  EXPECT_FALSE(some.trusts("[2001:db8:7fff::1]:1"));
  EXPECT_TRUE(proxies({"0.0.0.0/0"}).trusts("203.0.113.9:1"));
  EXPECT_FALSE(proxies({"0.0.0.0/0"}).trusts("[2001:db8::1]:1"));
  EXPECT_TRUE(proxies({"::/0"}).trusts("[2001:db8::1]:1"));
}

TEST(Proxies, AnIpv4AddressIsTheSameOnASocketOfBothKinds) {
  EXPECT_TRUE(proxies({"192.0.2.0/24"}).trusts("[::ffff:192.0.2.7]:80"));
  EXPECT_EQ(proxies({}).client_of(head({"::ffff:192.0.2.7"})), "192.0.2.7");
}

TEST(Proxies, APortIsANumberHoweverItIsWritten) {
  EXPECT_EQ(proxies({}).client_of(head({"192.0.2.7:" + std::string(100, '0') + "8"})), "192.0.2.7:8");
  EXPECT_EQ(proxies({}).client_of(head({"192.0.2.7:65536"})), "");
}

TEST(Proxies, UnixIsAllOfTheMachine) {
  EXPECT_TRUE(proxies({"unix"}).trusts("unix"));
  EXPECT_FALSE(proxies({"unix"}).trusts("127.0.0.1:1"));
}

TEST(Proxies, WhatIsNoneIsRefused) {
  for (const char* text : {"", "proxy.example.com", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "2001:db8::/129",
                           "10.0/8", "unix:/run/x", "fe80::1%eth0", "10.0.0.0/8/8"}) {
    EXPECT_THROW(proxies({text}), std::invalid_argument) << text;
  }
  try {
    proxies({"10.0.0.0/33"});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("`10.0.0.0/33`"));
    EXPECT_THAT(error.what(), HasSubstr("0 to 32"));
  }
}

TEST(Proxies, TheLastAddressThatIsNoProxysIsTheClients) {
  const Proxies some = proxies({"10.0.0.0/8"});
  EXPECT_EQ(some.client_of(head({"203.0.113.9"})), "203.0.113.9");
  EXPECT_EQ(some.client_of(head({"198.51.100.1, 203.0.113.9, 10.0.0.3"})), "203.0.113.9");
  EXPECT_EQ(some.client_of(head({"198.51.100.1", "203.0.113.9,10.0.0.3", "10.9.9.9"})), "203.0.113.9");
  EXPECT_EQ(some.client_of(head({"2001:db8::7"})), "[2001:db8::7]");
  EXPECT_EQ(some.client_of(head({"[2001:db8::7]:4711"})), "[2001:db8::7]:4711");
  EXPECT_EQ(some.client_of(head({"203.0.113.9:4711"})), "203.0.113.9:4711");
}

TEST(Proxies, IfAllAreProxiesTheFirstIsTheClient) {
  EXPECT_EQ(proxies({"10.0.0.0/8"}).client_of(head({"10.0.0.1, 10.0.0.2"})), "10.0.0.1");
}

TEST(Proxies, WhatCannotBeReadEndsTheSearch) {
  const Proxies some = proxies({"10.0.0.0/8"});
  EXPECT_EQ(some.client_of(head({})), "");
  EXPECT_EQ(some.client_of(head({""})), "");
  EXPECT_EQ(some.client_of(head({"unknown"})), "");
  EXPECT_EQ(some.client_of(head({"203.0.113.9, unknown"})), "");
  EXPECT_EQ(some.client_of(head({"203.0.113.9, unknown, 10.0.0.7"})), "10.0.0.7");
  EXPECT_EQ(some.client_of(head({"203.0.113.9:99999"})), "");
  EXPECT_EQ(some.client_of(head({"203.0.113.9,"})), "");
  EXPECT_EQ(some.client_of(head({"fe80::1%eth0"})), "");
}

}  // namespace
}  // namespace hearth::http
