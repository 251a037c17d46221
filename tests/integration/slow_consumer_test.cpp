// Clients that do not read what they are sent.

#include "support/memory.hpp"
#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include <thread>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kLimit = std::size_t{256} * 1024;
constexpr std::size_t kMessage = std::size_t{100} * 1000;
// 1 GB.
constexpr std::size_t kMessages = kSanitized ? 500 : 10'000;
// What the kernel may hold for a connection beside the server's backlog: tcp_wmem's maximum is 4 MiB by default.
constexpr std::size_t kKernel = std::size_t{8} * 1024 * 1024;
constexpr int kSmallBuffer = 8192;

// Text that can be told from that of any other number, all the way through.
std::string numbered(std::size_t number) {
  std::string text = "\"" + std::to_string(number) + ' ';
  text.append(kMessage - text.size(), static_cast<char>('a' + number % 26));
  return text + '"';
}

// The number of a message made with the text above; throws if anything in it is wrong.
std::size_t number_of(const std::string& message) {
  const boost::json::value envelope = boost::json::parse(boost::json::string_view(message));
  const std::string text(envelope.at("data").as_string());
  const std::size_t number = std::stoul(text);
  if ('"' + text + '"' != numbered(number)) throw std::runtime_error("a message was torn: " + text.substr(0, 50));
  return number;
}

TEST(SlowConsumers, AreSentNoMoreThanTheLimitWhileTheyDoNotRead) {
  TestServer server;
  server.start({.backpressure_limit = kLimit});
  TestClient stuck = server.connect(kSmallBuffer);
  stuck.authenticate();
  const std::size_t before = resident_memory();
  const Deadline deadline;
  for (std::size_t i = 0; i < kMessages; ++i) server->send_to_client(stuck.id(), "e", numbered(i));
  server.fence();
  EXPECT_FALSE(deadline.passed()) << "the shard slept while mail waited";
  if (!kSanitized) {
    EXPECT_LT(resident_memory(), before + std::size_t{64} * 1024 * 1024);
  }
  EXPECT_TRUE(server->client(stuck.id())->backpressured);
  const Statistics statistics = server->statistics();
  EXPECT_GT(statistics.messages_dropped, 0U);
  const std::size_t sent = statistics.messages_sent - 1;  // `connected`
  EXPECT_EQ(sent + statistics.messages_dropped, kMessages);
  EXPECT_LT(sent * kMessage, kLimit + kKernel);

  // What it reads afterwards is whole messages in order.
  std::size_t next = 0;
  for (std::size_t i = 0; i < sent; ++i) {
    const std::size_t number = number_of(stuck.next());
    ASSERT_GE(number, next);
    next = number + 1;
  }
  EXPECT_THAT(stuck.rest(), IsEmpty());
  EXPECT_FALSE(server->client(stuck.id())->backpressured);
  server->send_to_client(stuck.id(), "e", numbered(7));
  EXPECT_EQ(number_of(stuck.next()), 7U);
}

// The members that read are given time to, so that nothing has to be dropped for them.
void send_to_room_with_a_stuck_member(TestServer& server, TestClient& reader, std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i) {
    server->send_to_room("r", "e", numbered(i));
    ASSERT_EQ(number_of(reader.next()), i);
  }
}

TEST(SlowConsumers, CostTheOthersInARoomNothing) {
  TestServer server;
  server.start({.backpressure_limit = kLimit, .validate_room = allow_all});
  TestClient stuck = server.connect(kSmallBuffer);
  stuck.authenticate();
  stuck.join("r");
  TestClient reader = server.client();
  reader.join("r");
  send_to_room_with_a_stuck_member(server, reader, 200);
  EXPECT_GT(server->statistics().messages_dropped, 0U);
  EXPECT_EQ(number_of(stuck.next()), 0U);
  EXPECT_EQ(number_of(stuck.next()), 1U);
}

TEST(SlowConsumers, AreClosedIfThatIsThePolicy) {
  Notes notes;
  TestServer server;
  server.start({.backpressure_limit = kLimit,
                .slow_consumer = SlowConsumer::close,
                .validate_room = allow_all,
                .client_disconnected = [&](const ClientDisconnected& event) {
                  notes.add(std::to_string(event.code) + ' ' + std::string(event.reason));
                }});
  TestClient stuck = server.connect(kSmallBuffer);
  stuck.authenticate();
  stuck.join("r");
  TestClient reader = server.client();
  reader.join("r");
  std::size_t rounds = 0;
  while (notes.size() == 0 && rounds < 1000) {
    server->send_to_room("r", "e", numbered(rounds));
    ASSERT_EQ(number_of(reader.next()), rounds++);
  }
  EXPECT_THAT(notes.all(), ElementsAre("1013 Slow consumer"));
  EXPECT_EQ(server->clients_in_room("r").size(), 1U);
  // It still gets what was on its way, in order and without a gap, and then the reason.
  const CloseFrame close = stuck.wait_for_close();
  EXPECT_EQ(close, (CloseFrame{1013, "Slow consumer"}));
  for (std::size_t i = 2; i < stuck.log().size(); ++i) EXPECT_EQ(number_of(stuck.log()[i]), i - 2);
  EXPECT_LT(stuck.log().size() - 2, rounds);
}

TEST(SlowConsumers, MayBeSentOneMessagePastTheLimitIfNoneWaits) {
  TestServer server;
  server.start({.backpressure_limit = 1000});
  TestClient client = server.connect(kSmallBuffer);
  client.authenticate();
  const std::string large = '"' + std::string(20'000'000, 'x') + '"';
  server->send_to_client(client.id(), "large", large);
  server->send_to_client(client.id(), "dropped", "1");
  server.fence();
  EXPECT_EQ(client.next(), R"({"event":"large","data":)" + large + '}');
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_EQ(server->statistics().messages_dropped, 1U);
  server->send_to_client(client.id(), "again", large);
  client.expect("again");
}

TEST(SlowConsumers, ThatAreClosedGetWhatWaitedFirst) {
  TestServer server;
  server.start({.backpressure_limit = std::size_t{64} * 1024 * 1024});
  TestClient client = server.connect(kSmallBuffer);
  client.authenticate();
  for (std::size_t i = 0; i < 100; ++i) server->send_to_client(client.id(), "e", numbered(i));
  server->disconnect(client.id(), 4000);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(number_of(client.next()), i);
  EXPECT_EQ(client.expect_close().code, 4000);
  client.finish();
}

TEST(SlowConsumers, ThatGoAwayAreForgotten) {
  TestServer server;
  server.start({.backpressure_limit = kLimit});
  TestClient stuck = server.connect(kSmallBuffer);
  stuck.authenticate();
  for (std::size_t i = 0; i < 100; ++i) server->send_to_client(stuck.id(), "e", numbered(i));
  eventually("a backlog", [&] { return server->statistics().messages_dropped > 0; });
  stuck.drop(true);
  eventually("the client to be gone", [&] { return server->statistics().connections_open == 0; });
}

}  // namespace
}  // namespace hearth::test
