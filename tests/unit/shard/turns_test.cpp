#include "shard/turns.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Notes what turns come; a message that begins with `wait` has a handler at work until the test ends it.
class TurnsTest : public testing::Test, public Turns::Host {
 protected:
  TurnsTest() { hub_.add(client_); }

  void handle(hub::Client& client, std::string_view text) override {
    said_.emplace_back(text);
    if (text.starts_with("wait")) Turns::begin(client);
  }
  bool handle_departed(const protocol::ClientId&, const Departed&, std::string_view text) override {
    said_.push_back("late " + std::string(text));
    return text.starts_with("wait");
  }
  void departed(const protocol::ClientId&, const Departed& departed) override {
    said_.push_back("gone " + std::to_string(departed.code));
  }
  void pause(hub::Client&) override { ++pauses_; }
  void resume(hub::Client&) override { ++resumes_; }
  bool takes_answers(hub::Client&) override { return takes_answers_; }

  /// As the shard does it.
  void receive(std::string_view text) {
    if (Turns::must_wait(client_)) return turns_.wait(client_, text);
    handle(client_, text);
  }
  void depart() {
    hub_.remove(client_);
    turns_.depart(client_, {std::nullopt, 1006, ""});
  }

  protocol::ClientIdSource ids_{0};
  hub::Client client_{ids_.next(), {}};
  hub::Hub hub_;
  Turns turns_{hub_, *this};
  std::vector<std::string> said_;
  int pauses_ = 0;
  int resumes_ = 0;
  bool takes_answers_ = true;
};

TEST_F(TurnsTest, WhatComesWhileSomethingIsAtWorkWaits) {
  receive("a");
  receive("wait");
  receive("b");
  EXPECT_THAT(said_, ElementsAre("a", "wait"));
  EXPECT_TRUE(client_.busy);
}

TEST_F(TurnsTest, WhoGoesIsReportedAtOnceIfNothingWaits) {
  receive("a");
  depart();
  EXPECT_THAT(said_, ElementsAre("a", "gone 1006"));
}

TEST_F(TurnsTest, WhatAClientHadSaidIsHandledAfterItHasGone) {
  receive("wait");
  receive("b");
  receive("wait 2");
  receive("c");
  depart();
  EXPECT_THAT(said_, ElementsAre("wait"));
  turns_.end(client_.id);
  EXPECT_THAT(said_, ElementsAre("wait", "late b", "late wait 2"));
  turns_.end(client_.id);
  EXPECT_THAT(said_, ElementsAre("wait", "late b", "late wait 2", "late c", "gone 1006"));
  turns_.end(client_.id);  // once more: nothing is left
  EXPECT_EQ(said_.size(), 5U);
}

TEST_F(TurnsTest, PastItsBoundsAClientIsNotRead) {
  receive("wait");
  for (std::size_t i = 1; i < Turns::kMostMessages; ++i) receive("x");
  EXPECT_EQ(pauses_, 0);
  receive("x");
  EXPECT_EQ(pauses_, 1);
}

TEST_F(TurnsTest, NorPastSoManyBytes) {
  receive("wait");
  receive(std::string(Turns::kMostBytes, 'x'));
  EXPECT_EQ(pauses_, 1);
}

}  // namespace
}  // namespace hearth::shard
