#pragma once

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

inline RoomRule presence_rule(const std::string& name, RoomPresence presence) {
  RoomRule rule;
  rule.pattern = {name, name + "*"};
  rule.presence = presence;
  rule.presence_interval = std::chrono::milliseconds(10);
  return rule;
}

/// With a rule for rooms that have no presence.
inline Options telling_presence(RoomRule first = presence_rule("tea", RoomPresence::members)) {
  Options options;
  options.client_publish = true;
  options.threads = 2;
  options.validate_room = allow_all;
  options.room_rules = RoomRules({std::move(first), presence_rule("plain", RoomPresence::off)});
  return options;
}

inline boost::json::value presence_data(const std::string& text) { return boost::json::parse(text).at("data"); }

inline std::vector<std::string> presence_ids(const boost::json::value& members) {
  std::vector<std::string> ids;
  for (const auto& member : members.as_array()) {
    ids.emplace_back(member.is_string() ? member.as_string() : member.at("id").as_string());
  }
  return ids;
}

/// What a client knows of a room by what it has been told; fails if it was told less than it should have been.
class Told {
 public:
  explicit Told(TestClient& client, std::string room = "tea") : client_(client), room_(std::move(room)) {}

  /// Joins, wanting to be told; takes the answer and everybody.
  void join() {
    client_.send(R"({"event":"join","data":{"rooms":[")" + room_ + R"("],"presence":[")" + room_ + R"("]},"id":"j"})");
    EXPECT_EQ(client_.expect("ack"), R"({"event":"ack","data":{"rooms":[")" + room_ + R"("]},"id":"j"})");
    const auto shown = presence_data(client_.expect("presence"));
    EXPECT_FALSE(shown.as_object().contains("joined"));
    version_ = shown.at("version").to_number<std::uint64_t>();
    take(shown);
  }
  /// Hears what it is told until it is this.
  void until(const std::set<std::string>& ids) {
    while (ids_ != ids) next();
  }
  void until_clients(std::uint64_t clients) {
    while (clients_ != clients) next();
  }
  void next() {
    const auto told = presence_data(client_.expect("presence"));
    EXPECT_EQ(told.at("room").as_string(), room_);
    EXPECT_EQ(told.at("version").to_number<std::uint64_t>(), ++version_);
    take(told);
    const auto& object = told.as_object();
    if (const auto* left = object.if_contains("left")) {
      for (const std::string& id : presence_ids(*left)) EXPECT_EQ(ids_.erase(id), 1U);
    }
    if (const auto* joined = object.if_contains("joined")) {
      for (const std::string& id : presence_ids(*joined)) EXPECT_TRUE(ids_.insert(id).second);
    }
    if (is_listed_) {
      EXPECT_EQ(ids_.size(), clients_);
    }
  }
  std::uint64_t users() const { return users_; }
  std::uint64_t version() const { return version_; }
  bool is_listed() const { return is_listed_; }

 private:
  void take(const boost::json::value& told) {
    clients_ = told.at("clients").to_number<std::uint64_t>();
    users_ = told.at("users").to_number<std::uint64_t>();
    const auto& object = told.as_object();
    if (object.contains("joined") || object.contains("left")) return;
    ids_.clear();
    is_listed_ = object.contains("members");
    if (!is_listed_) return;
    for (const std::string& id : presence_ids(object.at("members"))) ids_.insert(id);
  }

  TestClient& client_;
  const std::string room_;
  std::set<std::string> ids_;
  std::uint64_t clients_ = 0;
  std::uint64_t users_ = 0;
  std::uint64_t version_ = 0;
  bool is_listed_ = false;
};

}  // namespace hearth::test
