#include "config/url.hpp"

#include <gtest/gtest.h>

namespace hearth::config {
namespace {

TEST(ConfigUrl, IsReadInItsParts) {
  const auto url = parse_url("https://example.com:8443/a/b?c=d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/b?c=d");
}

TEST(ConfigUrl, HasThePortOfItsSchemeAndARootPathUnlessGiven) {
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("https://a")->port, 443);
  EXPECT_EQ(parse_url("https://a")->target, "/");
  EXPECT_EQ(parse_url("https://a?b")->target, "/?b");
}

TEST(ConfigUrl, MayHaveAnAddressForAHost) {
  EXPECT_EQ(parse_url("http://127.0.0.1:1/x")->host, "127.0.0.1");
  const auto v6 = parse_url("http://[::1]:9080/x");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "[::1]");
  EXPECT_EQ(v6->port, 9080);
  EXPECT_EQ(parse_url("http://[::1]")->port, 80);
}

TEST(ConfigUrl, WhatIsNoUrlIsNone) {
  for (const std::string_view text :
       {"",           "example.com", "//example.com", "ftp://a",    "HTTP://a",       "http:/a",
        "http://",    "http:///a",   "http://a b",    "http://a:0", "http://a:65536", "http://a:",
        "http://a:x", "http://u@a",  "http://u:p@a/", "http://a#b", "http://[::1",    "http://[x]",
        "http://é",   "http://a\nb"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(ConfigUrl, LoopbackIsWhatIsThisMachineForCertain) {
  for (const std::string_view host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const std::string_view host : {"", "0.0.0.0", "[::]", "127.example.com", "10.0.0.1", "localhost.example.com"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace hearth::config
