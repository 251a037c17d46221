#include "hearth/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearth {
namespace {

TEST(Names, EventsOfTheProtocolAreReserved) {
  EXPECT_TRUE(is_reserved_event("join"));
  EXPECT_TRUE(is_reserved_event("token_expiring"));
  EXPECT_FALSE(is_reserved_event("joined"));
}

TEST(Names, OfRoomsHaveALengthAndAPrefixThatTheyMayNotHave) {
  EXPECT_TRUE(is_valid_room_name(std::string(256, 'x')));
  EXPECT_FALSE(is_valid_room_name(std::string(257, 'x')));
  EXPECT_FALSE(is_valid_room_name(""));
  EXPECT_FALSE(is_valid_room_name("ws:room"));
}

TEST(Names, IdsOfClientsAreUuids) {
  EXPECT_TRUE(is_client_id("0d9e6a1c-6a6e-4c0e-8f5b-2f6d3c1b7a00"));
  EXPECT_FALSE(is_client_id("0d9e6a1c-6a6e-4c0e-8f5b-2f6d3c1b7a0"));
  EXPECT_FALSE(is_client_id("ann"));
}

}  // namespace
}  // namespace hearth
