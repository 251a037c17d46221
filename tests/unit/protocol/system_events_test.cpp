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

TEST(SystemEvents, are_reserved) {
  for (const std::string_view name : {"authenticate", "connected", "heartbeat", "join", "leave", "publish", "error",
                                      "ack", "encrypted", "disconnect"}) {
    EXPECT_TRUE(is_reserved_event(name)) << name;
  }
}

TEST(SystemEvents, are_reserved_in_their_exact_spelling_alone) {
  for (const std::string_view name : {"", "Join", "JOIN", "joi", "joined", " join", "join ", "message", "disconnected",
                                      "connect", "acknowledge", "chat"}) {
    EXPECT_FALSE(is_reserved_event(name)) << name;
  }
  EXPECT_FALSE(is_reserved_event(std::string_view("join\0", 5)));
}

TEST(SystemEvents, close_codes_are_those_of_the_protocol) {
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

TEST(RoomName, is_refused_when_empty) { EXPECT_FALSE(is_valid_room_name("")); }

TEST(RoomName, may_be_any_text_that_does_not_look_like_a_channel) {
  for (const std::string_view name : {"a", "lobby", "ws-default", "ws", "ws-", "WS:", " ws:", "x:ws:", "w", ":", "żółw",
                                      "with space", "*", "ws\n:"}) {
    EXPECT_TRUE(is_valid_room_name(name)) << name;
  }
}

TEST(RoomName, is_refused_when_it_begins_like_a_channel) {
  for (const std::string_view name : {"ws:", "ws:room", "ws:room:lobby", "ws::"}) {
    EXPECT_FALSE(is_valid_room_name(name)) << name;
  }
}

TEST(RoomName, is_as_long_as_JavaScript_counts_it) {
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
