#include "server/answer_json.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <string>

namespace hearth::server {
namespace {

using About = ClusterQuestion::About;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point kTime{1'790'000'000'123ms};

NumberedAnswer full() {
  ClientSnapshot client;
  client.id = "5f0c0000-0000-4000-8000-000000000001";
  client.user_id = "ann";
  client.state = ClientState::authenticating;
  client.rooms = {"a", "b \"c\""};
  client.room_count = 5;
  client.backpressured = true;
  client.encrypted = true;
  client.connected_at = kTime;
  client.last_activity = kTime + 1s;
  client.metadata = {{"name", "Ann"}};
  client.remote_address = "192.0.2.1:5000";
  client.backlog_bytes = 7;
  client.messages_dropped = 8;
  client.expires_at = kTime + 2s;
  NumberedAnswer numbered{"asker", 42, {}};
  numbered.answer.name = "node a";
  numbered.answer.answered = true;
  numbered.answer.node = {"0.1.0", kTime, kTime + 3s, 10, 11, BrokerState::degraded, true};
  numbered.answer.clients = {client};
  numbered.answer.members = 12;
  numbered.answer.blocks = {{.user = "mallory", .until = kTime + 1h, .issued_before = kTime},
                            {.token = "4711", .until = kTime}};
  return numbered;
}

TEST(AnswerJson, SaysAllThatTheAnswerDoes) {
  const std::string json = answer_json(full(), 100'000);
  const auto read = read_answer(JsonView::trusted(json));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to, "asker");
  EXPECT_EQ(read->number, 42U);
  const NodeAnswer& answer = read->answer;
  EXPECT_EQ(answer.name, "node a");
  EXPECT_TRUE(answer.answered);
  EXPECT_TRUE(answer.is_whole);
  EXPECT_EQ(answer.members, 12U);
  EXPECT_EQ(answer.node.version, "0.1.0");
  EXPECT_EQ(answer.node.started_at, kTime);
  EXPECT_EQ(answer.node.time, kTime + 3s);
  EXPECT_EQ(answer.node.clients, 10U);
  EXPECT_EQ(answer.node.connections, 11U);
  EXPECT_EQ(answer.node.broker_state, BrokerState::degraded);
  EXPECT_TRUE(answer.node.draining);
  EXPECT_EQ(answer.blocks, full().answer.blocks);
  ASSERT_EQ(answer.clients.size(), 1U);
  const ClientSnapshot& client = answer.clients[0];
  const ClientSnapshot expected = full().answer.clients[0];
  EXPECT_EQ(client.id, expected.id);
  EXPECT_EQ(client.user_id, expected.user_id);
  EXPECT_EQ(client.state, expected.state);
  EXPECT_EQ(client.rooms, expected.rooms);
  EXPECT_EQ(client.room_count, expected.room_count);
  EXPECT_EQ(client.backpressured, expected.backpressured);
  EXPECT_EQ(client.encrypted, expected.encrypted);
  EXPECT_EQ(client.connected_at, expected.connected_at);
  EXPECT_EQ(client.last_activity, expected.last_activity);
  EXPECT_EQ(client.metadata, expected.metadata);
  EXPECT_EQ(client.remote_address, expected.remote_address);
  EXPECT_EQ(client.backlog_bytes, expected.backlog_bytes);
  EXPECT_EQ(client.messages_dropped, expected.messages_dropped);
  EXPECT_EQ(client.expires_at, expected.expires_at);
}

TEST(AnswerJson, IsNoLongerThanItMayBe) {
  NumberedAnswer numbered = full();
  for (int i = 0; i < 100; ++i) numbered.answer.clients.push_back(numbered.answer.clients.front());
  for (const std::size_t most : {1000U, 5000U, 20'000U}) {
    const std::string json = answer_json(numbered, most);
    EXPECT_LE(json.size(), most);
    const auto read = read_answer(JsonView::trusted(json));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->answer.is_whole);
    EXPECT_LT(read->answer.clients.size(), 101U);
  }
}

TEST(AnswerJson, QuestionsAndBeatsComeBackAsTheyWere) {
  for (const About about : {About::node, About::client, About::user, About::room, About::blocks}) {
    const std::string json = question_json({7, {about, "a \"name\""}});
    const auto read = read_question(JsonView::trusted(json));
    ASSERT_TRUE(read) << json;
    EXPECT_EQ(read->number, 7U);
    EXPECT_EQ(read->question.about, about);
    EXPECT_EQ(read->question.name, "a \"name\"");
  }
  const std::string ending = beat_json({"node a", true});
  EXPECT_EQ(read_beat(JsonView::trusted(ending))->name, "node a");
  EXPECT_TRUE(read_beat(JsonView::trusted(ending))->is_ending);
  const std::string beat = beat_json({"node a"});
  EXPECT_FALSE(read_beat(JsonView::trusted(beat))->is_ending);
}

TEST(AnswerJson, WhatIsNoneIsNotRead) {
  for (const char* json : {"[]", "1", "{}", R"({"number":-1,"about":"node"})", R"({"number":"1","about":"node"})",
                           R"({"number":1,"about":"everything"})", R"({"number":1e400,"about":"node"})"}) {
    EXPECT_FALSE(read_question(JsonView::trusted(json))) << json;
  }
  for (const char* json : {"[]", "{}", R"({"number":-1})", R"({"number":1e400})"}) {
    EXPECT_FALSE(read_answer(JsonView::trusted(json))) << json;
  }
  // What of it makes no sense is left out.
  const auto read = read_answer(JsonView::trusted(
      R"({"number":1,"clients":[1,{},{"id":"x","state":"odd"}],"blocks":[{"user":"a"},{"until":5}],"node":7,"whole":"no"})"));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->answer.clients.empty());
  EXPECT_TRUE(read->answer.blocks.empty());
  EXPECT_FALSE(read->answer.is_whole);
}

}  // namespace
}  // namespace hearth::server
