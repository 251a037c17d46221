#include "protocol/system_events.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hearth::protocol {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(SystemEvents, AreReserved) {
  for (const std::string_view name : {"authenticate", "connected", "heartbeat", "join", "leave", "publish", "error",
                                      "ack", "encrypted", "disconnect", "reconnect", "token_expiring"}) {
    EXPECT_TRUE(is_reserved_event(name)) << name;
  }
}

TEST(SystemEvents, AreReservedInTheirExactSpellingAlone) {
  for (const std::string_view name : {"", "Join", "JOIN", "joi", "joined", " join", "join ", "message", "disconnected",
                                      "connect", "acknowledge", "chat"}) {
    EXPECT_FALSE(is_reserved_event(name)) << name;
  }
  EXPECT_FALSE(is_reserved_event(std::string_view("join\0", 5)));
}

TEST(SystemEvents, CloseCodesAreThoseOfTheProtocol) {
  EXPECT_EQ(kServerShuttingDown.code, 1001);
  EXPECT_EQ(kServerShuttingDown.text, "Server shutting down");
  EXPECT_EQ(kSlowConsumer.code, 1013);
  EXPECT_EQ(kSlowConsumer.text, "Slow consumer");
  EXPECT_EQ(kAuthenticationTimeout.code, 4001);
  EXPECT_EQ(kAuthenticationTimeout.text, "Authentication timeout");
  EXPECT_EQ(kHeartbeatTimeout.code, 4002);
  EXPECT_EQ(kHeartbeatTimeout.text, "Heartbeat timeout");
  EXPECT_EQ(kAuthenticationFailed.code, 4003);
  EXPECT_EQ(kAuthenticationFailed.text, "Authentication failed");
}

TEST(RoomName, IsRefusedWhenEmpty) { EXPECT_FALSE(is_valid_room_name("")); }

TEST(RoomName, MayBeAnyTextThatDoesNotLookLikeAChannel) {
  for (const std::string_view name : {"a", "lobby", "ws-default", "ws", "ws-", "WS:", " ws:", "x:ws:", "w", ":", "żółw",
                                      "with space", "*", "ws\n:"}) {
    EXPECT_TRUE(is_valid_room_name(name)) << name;
  }
}

TEST(RoomName, IsRefusedWhenItBeginsLikeAChannel) {
  for (const std::string_view name : {"ws:", "ws:room", "ws:room:lobby", "ws::"}) {
    EXPECT_FALSE(is_valid_room_name(name)) << name;
  }
}

TEST(RoomName, IsAsLongAsJavaScriptCountsIt) {
  EXPECT_TRUE(is_valid_room_name(repeated("a", 256)));
  EXPECT_FALSE(is_valid_room_name(repeated("a", 257)));
  EXPECT_TRUE(is_valid_room_name(repeated("ż", 256)));
  EXPECT_FALSE(is_valid_room_name(repeated("ż", 257)));
  EXPECT_TRUE(is_valid_room_name(repeated("€", 256)));
  EXPECT_FALSE(is_valid_room_name(repeated("€", 257)));
  EXPECT_TRUE(is_valid_room_name(repeated("😀", 128)));
  EXPECT_FALSE(is_valid_room_name(repeated("😀", 128) + "a"));
  EXPECT_TRUE(is_valid_room_name(repeated("😀", 127) + "aa"));
  EXPECT_FALSE(is_valid_room_name(repeated("😀", 127) + "aaa"));
}

}  // namespace
}  // namespace hearth::protocol
