#include "load/conversation.hpp"

#include "crypto/base64.hpp"
#include "load/requests.hpp"
#include "websocket/frame.hpp"
#include "websocket/handshake.hpp"

#include <gmock/gmock.h>

namespace hearth::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using State = Client::State;

/// Notes what comes of a conversation; sockets have no events here.
struct Heard final : ConversationEvents, SocketEvents {
  std::vector<std::string> notes;
  std::vector<Stamp> stamps;

  void opened(Client&) override { notes.emplace_back("opened"); }
  void settled(Client&) override { notes.emplace_back("settled"); }
  void delivered(Client&, const Stamp& stamp) override { stamps.push_back(stamp); }
  void erred(Client&, std::string what) override { notes.push_back("error: " + what); }
  void failed(Client& client, std::string why) override {
    client.state = State::closed;
    notes.push_back("failed: " + why);
  }
  void connected(Socket&) override {}
  void received(Socket&, std::span<char>) override {}
  void lost(Socket&, std::string) override {}
};

class LoadConversation : public testing::Test {
 protected:
  void make(Plan plan) {
    plan.host = "example.org";
    plan.path = "/ws";
    plan.url = "ws://example.org/ws";
    plan.clients = 2;
    plan.rooms = 60;
    plan.members = 1;
    plan_ = std::move(plan);
    traffic_.emplace(plan_);
    sockets_.emplace(heard_, net::Address());
    conversation_.emplace(plan_, *traffic_, *sockets_, heard_);
    client_.emplace(1);
  }
  /// What the client has said since the last time. Masks are zero, so that text stands as it is.
  std::string said() { return std::exchange(client_->out, {}); }
  void answer(std::string bytes) { conversation_->received(*client_, bytes); }
  void answer_frame(std::string_view text, websocket::Opcode opcode = websocket::Opcode::text) {
    std::string frame;
    websocket::append_frame(frame, opcode, text);
    answer(std::move(frame));
  }
  void upgrade() {
    conversation_->begin(*client_);
    answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           websocket::accept_token(client_->upgrade_key) + "\r\n\r\n");
  }
  void open() {
    upgrade();
    answer_frame(R"({"event":"connected","data":{"id":"7"}})");
    said();
    heard_.notes.clear();
  }

  Plan plan_;
  Heard heard_;
  std::optional<Traffic> traffic_;
  std::optional<Sockets> sockets_;
  std::optional<Conversation> conversation_;
  std::optional<Client> client_;  // its key refers to the conversation
};

TEST_F(LoadConversation, UpgradesAndAuthenticates) {
  make({.scenario = Scenario::echo, .deflate = true});
  conversation_->begin(*client_);
  EXPECT_THAT(said(), AllOf(StartsWith("GET /ws HTTP/1.1\r\nHost: example.org\r\n"), HasSubstr("permessage-deflate")));
  upgrade();
  EXPECT_EQ(client_->state, State::authenticating);
  EXPECT_THAT(said(), HasSubstr(R"({"event":"authenticate","data":{"token":"bench-1","userId":"bench-1"}})"));
  answer_frame(R"({"event":"connected","data":{"id":"7"}})");
  EXPECT_EQ(client_->state, State::open);
  EXPECT_EQ(client_->id, "7");
  EXPECT_THAT(heard_.notes, ElementsAre("opened"));
}

TEST_F(LoadConversation, TakesAnAnswerInPieces) {
  make({.scenario = Scenario::echo});
  conversation_->begin(*client_);
  std::string frame;
  websocket::append_frame(frame, websocket::Opcode::text, R"({"event":"connected","data":{"id":"7"}})");
  const std::string whole =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      websocket::accept_token(client_->upgrade_key) + "\r\n\r\n" + frame;
  for (const char byte : whole) answer({byte});
  EXPECT_EQ(client_->state, State::open);
}

TEST_F(LoadConversation, FailsWhereThereAreNoWebSockets) {
  make({.scenario = Scenario::echo});
  conversation_->begin(*client_);
  answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(heard_.notes, ElementsAre("failed: ws://example.org/ws does not take WebSocket connections: "
                                        "HTTP/1.1 404 Not Found"));
}

TEST_F(LoadConversation, AgreesOnAKeyAndEncrypts) {
  make({.scenario = Scenario::echo, .encrypt = true});
  upgrade();
  EXPECT_THAT(said(), HasSubstr(R"("publicKey":")"));
  const KeyAgreement server;
  answer_frame(R"({"event":"connected","data":{"id":"7","serverPublicKey":")" + server.public_key() + R"(","salt":")" +
               crypto::encode_base64(std::vector<std::uint8_t>(32, 1)) + R"("}})");
  EXPECT_THAT(heard_.notes, ElementsAre("opened"));
  conversation_->send_message(*client_, {1, 0, 5});
  EXPECT_THAT(said(), HasSubstr(R"("event":"encrypted")"));
}

TEST_F(LoadConversation, FailsWithoutAGoodKey) {
  make({.scenario = Scenario::echo, .encrypt = true});
  upgrade();
  answer_frame(R"({"event":"connected","data":{"id":"7","serverPublicKey":"AAAA","salt":"AAAA"}})");
  EXPECT_THAT(heard_.notes, ElementsAre(StartsWith("failed: `connected` came without a good serverPublicKey")));
}

TEST_F(LoadConversation, JoinsItsRoomsInPortions) {
  make({.scenario = Scenario::idle});
  open();
  conversation_->join_rooms(*client_);
  EXPECT_EQ(client_->rooms.size(), 60U);
  EXPECT_THAT(heard_.notes, IsEmpty());
  answer_frame(R"({"event":"ack","data":{},"id":"bench"})");
  EXPECT_THAT(heard_.notes, IsEmpty()) << "the other ten rooms have not been answered";
  answer_frame(R"({"event":"ack","data":{},"id":"bench"})");
  EXPECT_THAT(heard_.notes, ElementsAre("settled"));
  answer_frame(R"({"event":"ack","data":{},"id":"bench"})");
  EXPECT_THAT(heard_.notes, ElementsAre("settled", "error: an answer came to a request that was not made"));
}

TEST_F(LoadConversation, IsInItsOwnRoomFromTheBeginning) {
  make({.scenario = Scenario::echo});
  open();
  conversation_->join_rooms(*client_);
  EXPECT_TRUE(client_->rooms.knows(1));
  EXPECT_THAT(heard_.notes, ElementsAre("settled"));
}

TEST_F(LoadConversation, AsksForAnEchoWhereRoomsAreNotAnswered) {
  make({.scenario = Scenario::idle, .send_by = SendBy::application});
  open();
  conversation_->join(*client_, {2});
  EXPECT_THAT(said(), AllOf(HasSubstr(R"("rooms":["room-2"]}})"), HasSubstr(kEchoRequest)));
  answer_frame(R"({"event":"ack","data":{}})");
  EXPECT_THAT(heard_.notes, IsEmpty());
  answer_frame(R"({"event":"echo","data":{"after":"rooms"}})");
  EXPECT_THAT(heard_.notes, ElementsAre("settled"));
}

TEST_F(LoadConversation, NotesStampedMessages) {
  make({.scenario = Scenario::echo});
  open();
  conversation_->send_message(*client_, {1, 4, 99});
  EXPECT_THAT(said(), AllOf(HasSubstr(R"("event":"publish")"), HasSubstr(R"("room":"7")")));
  answer_frame(R"({"event":"msg","data":{"by":1,"n":4,"at":99}})");
  EXPECT_THAT(heard_.stamps, ElementsAre(Stamp{1, 4, 99}));
}

TEST_F(LoadConversation, AnswersPingsAndSendsHeartbeats) {
  make({.scenario = Scenario::echo});
  open();
  answer_frame("are you there", websocket::Opcode::ping);
  EXPECT_THAT(said(), HasSubstr("are you there"));
  conversation_->send_heartbeat(*client_);
  EXPECT_THAT(said(), HasSubstr(R"({"event":"heartbeat"})"));
}

TEST_F(LoadConversation, ErrorsAreNotedAndAnswerTheRequest) {
  make({.scenario = Scenario::idle});
  open();
  conversation_->join(*client_, {2});
  answer_frame(R"({"event":"error","data":{"message":"Room refused"},"id":"bench"})");
  EXPECT_THAT(heard_.notes, ElementsAre(HasSubstr("Room refused"), "settled"));
  answer_frame("no envelope");
  EXPECT_THAT(heard_.notes.back(), "error: what came is no envelope");
}

TEST_F(LoadConversation, EndsWithACloseFrameOrABrokenRule) {
  make({.scenario = Scenario::echo});
  open();
  answer_frame("\x03\xE9gone", websocket::Opcode::close);
  EXPECT_THAT(heard_.notes, ElementsAre("failed: the server closed with 1001 gone"));
  open();
  answer("\xFF\xFF");
  EXPECT_THAT(heard_.notes, ElementsAre(HasSubstr("the server broke the WebSocket protocol")));
}

}  // namespace
}  // namespace hearth::load
