#include "http/origins.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::http {
namespace {

Origins only(std::string origin) { return Origins(std::vector<std::string>{std::move(origin)}); }

TEST(Origins, NoneNamedAllowsAll) {
  EXPECT_TRUE(Origins().allow("https://evil.example", "example.com", false));
  EXPECT_TRUE(only("*").allow("https://evil.example", "example.com", false));
}

TEST(Origins, AnExactOneIsThatSchemeHostAndPort) {
  const Origins origins = only("https://Example.com");
  EXPECT_TRUE(origins.allow("https://example.com", "x", false));
  EXPECT_TRUE(origins.allow("HTTPS://EXAMPLE.COM", "x", false));
  for (const auto* other : {"http://example.com", "https://example.com:8443", "https://sub.example.com",
                            "https://example.com.evil.example", "null", "", "example.com"}) {
    EXPECT_FALSE(origins.allow(other, "example.com", true)) << other;
  }
  EXPECT_TRUE(only("https://example.com:443").allow("https://example.com", "x", false));
}

TEST(Origins, AWildcardStandsForTheLabelsBefore) {
  const Origins origins = only("https://*.example.com");
  EXPECT_TRUE(origins.allow("https://a.example.com", "x", false));
  EXPECT_TRUE(origins.allow("https://a.b.example.com", "x", false));
  for (const auto* other : {"https://example.com", "https://.example.com.evil.example", "https://evilexample.com",
                            "http://a.example.com", "https://a.example.com:8443"}) {
    EXPECT_FALSE(origins.allow(other, "x", false)) << other;
  }
}

TEST(Origins, SameHostComparesHostAndPortWithTheRequests) {
  const Origins origins = only("same-host");
  EXPECT_TRUE(origins.allow("https://example.com", "example.com", false));
  EXPECT_TRUE(origins.allow("https://example.com", "Example.com:443", false));
  EXPECT_TRUE(origins.allow("http://example.com:8080", "example.com:8080", false));
  EXPECT_FALSE(origins.allow("http://example.com:8080", "example.com", false));
  EXPECT_FALSE(origins.allow("https://evil.example", "example.com", false));
}

TEST(Origins, LoopbackIsForPagesAndConnectionsOfThisMachine) {
  const Origins origins = only("loopback");
  for (const auto* origin : {"http://localhost:3000", "http://127.0.0.1", "http://127.8.9.1:80", "http://[::1]:5173"}) {
    EXPECT_TRUE(origins.allow(origin, "anything", true)) << origin;
    EXPECT_FALSE(origins.allow(origin, "anything", false)) << origin;
  }
  EXPECT_FALSE(origins.allow("https://localhost.evil.example", "localhost", true));
  EXPECT_FALSE(origins.allow("https://128.0.0.1", "localhost", true));
}

TEST(Origins, WhatIsNoneIsRefusedWithWhatWouldBeRight) {
  for (const auto* bad : {"example.com", "https://", "https://example.com/", "https://a.*.com", "https://*", ""}) {
    EXPECT_THROW(only(bad), std::invalid_argument) << bad;
  }
}

TEST(Hosts, AreAddressesOrNames) {
  EXPECT_TRUE(is_address_host("192.0.2.1:8080"));
  EXPECT_TRUE(is_address_host("[2001:db8::1]:8080"));
  EXPECT_FALSE(is_address_host("example.com:8080"));
  EXPECT_TRUE(is_loopback_host("localhost:8080"));
  EXPECT_TRUE(is_loopback_host("[::1]"));
  EXPECT_FALSE(is_loopback_host("example.com"));
  EXPECT_EQ(without_port("[::1]:80"), "[::1]");
  EXPECT_EQ(without_port("::1]"), "::1]");
}

}  // namespace
}  // namespace hearth::http
