#include "load/requests.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <array>

namespace hearth::load {
namespace {

std::string message(SendBy send_by, bool is_own) {
  std::string text;
  append_message(text, send_by, {3, 5, 99}, "a \"room\"", is_own, 64);
  return text;
}

TEST(LoadRequests, AuthenticateNamesEachClientUnlessThereIsOneToken) {
  EXPECT_EQ(authenticate_request(7, {}, {}),
            R"({"event":"authenticate","data":{"token":"bench-7","userId":"bench-7"}})");
  EXPECT_EQ(authenticate_request(7, "a\"b", "key="),
            R"({"event":"authenticate","data":{"token":"a\"b","publicKey":"key="}})");
}

TEST(LoadRequests, RoomsAreAskedForWithAnIdWhereThatIsAnswered) {
  const std::array<std::string_view, 2> rooms{"a", "b\"c"};
  EXPECT_EQ(rooms_request(true, rooms, SendBy::publish),
            R"({"event":"join","data":{"rooms":["a","b\"c"]},"id":"bench"})");
  EXPECT_EQ(rooms_request(false, {rooms.data(), 1}, SendBy::application),
            R"({"event":"leave","data":{"rooms":["a"]}})");
}

TEST(LoadRequests, RoomsThatRememberAreJoinedFromWhereTheClientStands) {
  const RoomPosition nowhere;
  const RoomPosition somewhere{"TiUN0YmP", 41};
  const std::array<RoomSince, 2> rooms{RoomSince{"a", nowhere}, RoomSince{"b\"c", somewhere}};
  EXPECT_EQ(since_request(rooms), R"({"event":"join","data":{"rooms":["a","b\"c"],"since":{"a":null,)"
                                  R"("b\"c":{"epoch":"TiUN0YmP","offset":41}}},"id":"bench"})");
}

TEST(LoadRequests, MessagesAreStampedAndOfTheSizeAskedFor) {
  for (const SendBy send_by : {SendBy::publish, SendBy::application}) {
    for (const bool is_own : {false, true}) {
      const std::string text = message(send_by, is_own);
      EXPECT_EQ(find_stamp(text), (Stamp{3, 5, 99})) << text;
      const boost::json::value json = boost::json::parse(text);
      const auto& data = send_by == SendBy::publish ? json.at("data").at("data") : json.at("data");
      EXPECT_EQ(data.at("by").to_number<int>(), 3);
      EXPECT_TRUE(text.size() > 64 && text.size() < 150) << text;
    }
  }
}

TEST(LoadRequests, MessagesGoToTheRoomOrBackToTheSender) {
  EXPECT_EQ(boost::json::parse(message(SendBy::publish, false)).at("data").at("room").as_string(), "a \"room\"");
  EXPECT_EQ(boost::json::parse(message(SendBy::publish, true)).at("event").as_string(), "publish");
  const boost::json::value room = boost::json::parse(message(SendBy::application, false));
  EXPECT_EQ(room.at("event").as_string(), "room");
  EXPECT_EQ(room.at("data").at("room").as_string(), "a \"room\"");
  const boost::json::value own = boost::json::parse(message(SendBy::application, true));
  EXPECT_EQ(own.at("event").as_string(), "echo");
  EXPECT_FALSE(own.at("data").as_object().contains("room"));
}

}  // namespace
}  // namespace hearth::load
