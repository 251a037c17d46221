#include "http/head.hpp"

#include <gtest/gtest.h>

namespace hearth::http {
namespace {

TEST(HttpHead, PathOfATargetEndsAtItsQuery) {
  EXPECT_EQ(path_of("/ws"), "/ws");
  EXPECT_EQ(path_of("/ws?a=/b#c"), "/ws");
  EXPECT_EQ(path_of("/?http://x/ws"), "/");
  EXPECT_EQ(path_of("*"), "*");
}

TEST(HttpHead, PathOfAUrlBeginsAfterItsAuthority) {
  EXPECT_EQ(path_of("http://x/ws"), "/ws");
  EXPECT_EQ(path_of("coap+ws://user@[::1]:80/a/b?c"), "/a/b");
  for (const std::string_view without : {"ws://x", "ws://x?a=/ws", "http://x?/ws", "http://x#/ws", "http://"}) {
    EXPECT_EQ(path_of(without), "/") << without;
  }
}

TEST(HttpHead, WhatHasNoSchemeIsNoUrl) {
  EXPECT_EQ(path_of("/a?u=http://x/ws"), "/a");
  EXPECT_EQ(path_of("a?u=http://x/ws"), "a");
  EXPECT_EQ(path_of("://x/ws"), "://x/ws");
}

TEST(HttpHead, PathsAreTheSameWhenPercentDecoded) {
  EXPECT_TRUE(same_path("/ws", "/ws"));
  EXPECT_TRUE(same_path("/\xC3\xA9", "/%C3%A9"));
  EXPECT_TRUE(same_path("/%c3%A9", "/%C3%a9"));
  EXPECT_TRUE(same_path("/%7eann", "/~ann"));
  EXPECT_TRUE(same_path("/100%25", "/100%"));
  EXPECT_TRUE(same_path("", ""));
}

TEST(HttpHead, PathsDifferInWhatIsLeft) {
  for (const std::string_view other : {"/w", "/wss", "/ws/", "/WS", "/w%", "/w%7", "/w%7x", "/%2577s", ""}) {
    EXPECT_FALSE(same_path("/ws", other)) << other;
    EXPECT_FALSE(same_path(other, "/ws")) << other;
  }
  EXPECT_FALSE(same_path("/%zz", "/%ZZ")) << "a % without two digits stands for itself";
}

}  // namespace
}  // namespace hearth::http
