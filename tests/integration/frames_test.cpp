// What breaks RFC 6455 or a limit costs its own connection and nothing else.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace hearth::test {
namespace {

using testing::IsEmpty;

/// Sends bytes on a new connection; the code that the server closes it with.
std::uint16_t close_code_for(TestServer& server, std::string_view bytes) {
  TestClient client = server.connect();
  client.write(bytes);
  const std::uint16_t code = client.wait_for_close().code;
  client.expect_end();
  return code;
}

TEST(Frames, TextThatIsNoUtf8IsClosed) {
  TestServer server;
  server.start();
  EXPECT_EQ(close_code_for(server, masked_frame(kText, "{\"event\":\"\xff\"}")), 1007);
  EXPECT_EQ(close_code_for(server, masked_frame(kText, "{\"event\":\"\xed\xa0\x80\"}")), 1007);
  EXPECT_EQ(server->statistics().protocol_errors, 2U);
}

TEST(Frames, ProtocolErrorsAreClosedWith1002) {
  TestServer server;
  server.start();
  EXPECT_EQ(close_code_for(server, std::string("\x81\x02{}", 4)), 1002) << "not masked";
  EXPECT_EQ(close_code_for(server, masked_frame(0x3, "x")), 1002) << "reserved opcode";
  EXPECT_EQ(close_code_for(server, masked_frame(kContinuation, "x")), 1002) << "nothing to continue";
  EXPECT_EQ(close_code_for(server, masked_frame(kPing, "x", false)), 1002) << "fragmented control frame";
  EXPECT_EQ(close_code_for(server, masked_frame(kPing, std::string(126, 'x'))), 1002) << "long control frame";
  EXPECT_EQ(close_code_for(server, masked_frame(kText, "x", false) + masked_frame(kText, "x")), 1002) << "unfinished";
  EXPECT_EQ(close_code_for(server, masked_frame(kClose, "x")), 1002) << "close code of one byte";
  EXPECT_EQ(close_code_for(server, masked_frame(kClose, std::string("\x03\xed", 2))), 1002) << "1005 on the wire";
  EXPECT_EQ(server->statistics().protocol_errors, 8U);
}

TEST(Frames, MessagesUpToTheLimitAreTaken) {
  std::atomic<std::size_t> got = 0;
  TestServer server;
  server.start(
      {.max_payload_length = 1000, .message = [&](const Message& message) { got = message.data.text().size(); }});
  TestClient client = server.client();
  const std::string frame_around = envelope("x", R"("")");
  client.send(envelope("x", '"' + std::string(1000 - frame_around.size(), 'x') + '"'));
  client.round_trip();
  EXPECT_EQ(got, 1002 - frame_around.size());
}

TEST(Frames, MessagesPastTheLimitAreClosedWith1009) {
  TestServer server;
  server.start({.max_payload_length = 1000});
  EXPECT_EQ(close_code_for(server, masked_frame(kText, std::string(1001, ' '))), 1009);
  EXPECT_EQ(close_code_for(server, masked_header(kText, 1001)), 1009) << "before the payload has come";
  const std::string piece(600, ' ');
  EXPECT_EQ(close_code_for(server, masked_frame(kText, piece, false) + masked_frame(kContinuation, piece)), 1009);
}

TEST(Frames, HugeLengthsAreClosedBeforeAnythingIsAllocated) {
  TestServer server;
  server.start();
  EXPECT_EQ(close_code_for(server, masked_header(kText, std::uint64_t{1} << 62U)), 1009);
  EXPECT_EQ(close_code_for(server, masked_header(kBinary, (std::uint64_t{1} << 63U) - 1)), 1009);
  EXPECT_EQ(close_code_for(server, masked_header(kText, std::uint64_t{1} << 63U)), 1002) << "the top bit is reserved";
}

TEST(Frames, CloseCodesAreEchoed) {
  std::vector<int> codes;
  std::vector<std::string> reasons;
  std::mutex mutex;
  TestServer server;
  server.start({.client_disconnected = [&](const ClientDisconnected& gone) {
    const std::lock_guard lock(mutex);
    codes.push_back(gone.code);
    reasons.emplace_back(gone.reason);
  }});
  for (const auto code : std::vector<std::uint16_t>{1000, 1001, 3000, 4999}) {
    TestClient client = server.client();
    client.send_close(code, "bye é");
    EXPECT_EQ(client.expect_close(), (CloseFrame{code, "bye é"}));
    client.expect_end();
  }
  TestClient without = server.client();
  without.send_frame(kClose, "");
  EXPECT_EQ(without.expect_close(), (CloseFrame{1005, ""}));
  without.expect_end();
  TestClient lost = server.client();
  lost.drop();
  eventually("six disconnected handlers", [&] {
    const std::lock_guard lock(mutex);
    return codes.size() == 6;
  });
  EXPECT_THAT(codes, testing::ElementsAre(1000, 1001, 3000, 4999, 1005, 1006));
  EXPECT_THAT(std::vector(reasons.begin(), reasons.begin() + 5),
              testing::ElementsAre("bye é", "bye é", "bye é", "bye é", ""));
}

// RFC 6455, 5.5.1. A ping that crosses the server's close frame gets no pong any more, and a message is not handled.
TEST(Frames, NothingIsSentOrHandledAfterTheServersCloseFrame) {
  std::atomic<int> handled = 0;
  TestServer server;
  server.start({.message = [&](const Message&) { ++handled; }});
  TestClient client = server.client();
  server->disconnect(client.id(), 4000, "enough");
  EXPECT_EQ(client.expect_close(), (CloseFrame{4000, "enough"}));
  client.send_frame(kPing, "late");
  client.send(envelope("join", R"({"rooms":["r"]})", "late"));
  client.send(envelope("late"));
  client.send_close(4000);
  client.expect_end();
  EXPECT_EQ(handled, 0);
}

TEST(Frames, NothingAfterTheCloseFrameIsHandled) {
  std::atomic<int> handled = 0;
  TestServer server;
  server.start({.message = [&](const Message&) { ++handled; }});
  TestClient client = server.client();
  client.write(masked_frame(kText, envelope("before")) + masked_frame(kClose, std::string("\x03\xe8", 2)) +
               masked_frame(kText, envelope("after")) + masked_frame(kText, "\xff"));
  EXPECT_EQ(client.expect_close().code, 1000);
  client.expect_end();
  EXPECT_EQ(handled, 1);
}

TEST(Frames, PingsAreAnsweredWithTheirPayload) {
  TestServer server;
  server.start();
  TestClient client = server.connect();
  for (int i = 0; i < 100; ++i) client.round_trip();
  client.send_frame(kPong, "unasked");
  client.send_frame(kPing, std::string(125, 'x'));
  client.send_frame(kPing, "");
  client.round_trip();
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST(Frames, ABrokenPeerCostsNobodyElse) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient good = server.client();
  good.join("r");
  TestClient bad = server.client();
  bad.join("r");
  bad.write("\xff\xff\xff\xff");
  bad.wait_for_close();
  server->send_to_room("r", "news");
  EXPECT_EQ(good.next(), R"({"event":"news"})");
}

}  // namespace
}  // namespace hearth::test
