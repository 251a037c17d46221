// What holds of handlers whether they are plain functions or coroutines.

#include "support/coroutines.hpp"
#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

enum class Kind : std::uint8_t { plain, coroutine };

class Handlers : public testing::TestWithParam<Kind> {
 protected:
  template <class Request, class Function>
  static auto make(Function function) {
    using Result = std::invoke_result_t<Function&, const Request&>;
    if (GetParam() == Kind::plain) return Handler<Result, Request>(std::move(function));
    return as_coroutine<Result, Request>(std::move(function));
  }

  // Those that note what they are called with.
  Options noting_options() {
    Options options;
    options.authenticate = make<AuthenticateRequest>([this](const AuthenticateRequest& request) {
      notes.add("authenticate " + std::string(request.data.text()));
      AuthenticateResult result;
      result.emplace();
      result->user_id = "ada";
      result->metadata = {{"level", 7}};
      return result;
    });
    options.validate_room = make<ValidateRoomRequest>([this](const ValidateRoomRequest& request) {
      notes.add("validate_room " + std::string(request.user_id.value_or("-")) + ' ' + request.rooms.front());
      return allow_all(request);
    });
    options.client_connected = make<ClientConnected>([this](const ClientConnected& event) {
      notes.add("connected " + std::string(event.user_id.value_or("-")) + ' ' +
                std::to_string(event.metadata.at("level").as_int64()));
    });
    options.client_disconnected = make<ClientDisconnected>([this](const ClientDisconnected& event) {
      notes.add("disconnected " + std::string(event.user_id.value_or("-")) + ' ' + std::to_string(event.code) + ' ' +
                std::string(event.reason));
    });
    options.message = make<Message>([this](const Message& message) {
      notes.add("message " + std::string(message.user_id.value_or("-")) + ' ' + std::string(message.event) + ' ' +
                std::string(message.data.text()) + ' ' + std::string(message.id));
    });
    return options;
  }

  Notes notes;
  TestServer server;
};

TEST_P(Handlers, AreCalledInTheOrderOfAClientsLife) {
  server.start(noting_options());
  TestClient client = server.connect();
  client.authenticate(R"({"a":1})");
  client.join("r");
  client.send(envelope("chat", "[1]", "7"));
  client.send_close(3000, "bye");
  client.wait_for_close();
  eventually("the disconnected handler", [&] { return notes.size() == 5; });
  EXPECT_THAT(notes.all(), ElementsAre(R"(authenticate {"a":1})", "connected ada 7", "validate_room ada r",
                                       "message ada chat [1] 7", "disconnected ada 3000 bye"));
}

TEST_P(Handlers, HearOfEachClientsEndOnce) {
  server.start(noting_options());
  {
    std::vector<TestClient> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(server.client());
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (i % 3 == 0) clients[i].drop(true);
      if (i % 3 == 1) server->disconnect(clients[i].id());
      if (i % 3 == 2) clients[i].send_close(1000);
    }
  }
  eventually("all to be gone", [&] { return server->statistics().connections_open == 0; });
  server.destroy();
  std::size_t disconnected = 0;
  for (const std::string& note : notes.all()) disconnected += note.starts_with("disconnected") ? 1 : 0;
  EXPECT_EQ(disconnected, 10U);
}

TEST_P(Handlers, MessagesOfAClientAreHandledOneAfterTheOther) {
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  Options options;
  options.message = make<Message>([&](const Message& message) {
    most = std::max<int>(most, ++at_work);
    notes.add(std::string(message.data.text()));
    --at_work;
  });
  server.start(std::move(options));
  TestClient client = server.client();
  std::vector<std::string> expected;
  std::string burst;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    burst += masked_frame(kText, envelope("m", expected.back()));
  }
  client.write(burst);
  eventually("100 messages", [&] { return notes.size() == expected.size(); });
  EXPECT_EQ(notes.all(), expected);
  EXPECT_EQ(most, 1);
}

TEST_P(Handlers, WhatCameJustBeforeACloseIsStillHandled) {
  server.start(noting_options());
  TestClient client = server.client();
  std::string burst;
  for (int i = 0; i < 100; ++i) burst += masked_frame(kText, envelope("m", std::to_string(i)));
  client.write(burst + masked_frame(kClose, std::string("\x03\xe8", 2)));
  client.drop();
  eventually("the disconnected handler", [&] { return notes.size() == 103; });
  const auto all = notes.all();
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(all[i + 2], "message ada m " + std::to_string(i) + " ");
  EXPECT_EQ(all.back(), "disconnected ada 1000 ");
}

TEST_P(Handlers, WhatCameJustBeforeTheServerClosedIsStillHandled) {
  Options options = noting_options();
  options.message = make<Message>([this](const Message& message) {
    notes.add(std::string(message.data.text()));
    if (message.data.text() == "0") server->disconnect(message.client_id, 4000);
  });
  server.start(std::move(options));
  TestClient client = server.client();
  client.write(masked_frame(kText, envelope("m", "0")));
  EXPECT_EQ(client.expect_close().code, 4000);
  client.send_close(4000);
  eventually("the disconnected handler", [&] { return notes.size() == 4; });
  EXPECT_THAT(notes.all(), ElementsAre("authenticate {}", "connected ada 7", "0", "disconnected ada 4000 "));
}

TEST_P(Handlers, ExceptionsCostNothingElse) {
  Options options;
  options.validate_room = make<ValidateRoomRequest>(
      [](const ValidateRoomRequest&) -> std::vector<std::string> { throw std::runtime_error("in validate_room"); });
  options.client_connected =
      make<ClientConnected>([](const ClientConnected&) { throw std::runtime_error("in connected"); });
  options.client_disconnected =
      make<ClientDisconnected>([](const ClientDisconnected&) { throw std::runtime_error("in disconnected"); });
  options.message = make<Message>([&](const Message& message) {
    if (message.event == "throw") throw std::runtime_error("in message");
    if (message.event == "throw int") throw 5;
    server->send_to_client(message.client_id, message.event);
  });
  server.start(std::move(options));
  TestClient client = server.client();
  client.send(envelope("join", R"({"rooms":["r"]})", "1"));
  EXPECT_EQ(client.next(),
            R"({"event":"error","data":{"message":"Room check failed","code":201,"rooms":["r"]},"id":"1"})");
  client.send(envelope("throw"));
  client.send(envelope("throw int"));
  client.send(envelope("echo"));
  EXPECT_EQ(client.next(), R"({"event":"echo"})");
  TestClient other = server.client();
  other.drop();
  eventually("the log of it", [&] { return server.log().count("in disconnected") == 1; });
  EXPECT_EQ(server.log().count("in message"), 1U);
  EXPECT_EQ(server.log().count("no std::exception"), 1U);
  EXPECT_EQ(server.log().count("in connected"), 2U);
  EXPECT_EQ(server.log().count("in validate_room"), 1U);
  client.send(envelope("echo"));
  client.expect("echo");
}

TEST_P(Handlers, AnswersComeInTheOrderOfTheRequests) {
  Options options;
  options.validate_room = make<ValidateRoomRequest>(allow_all);
  options.message =
      make<Message>([&](const Message& message) { server->send_to_client(message.client_id, "answer", message.data); });
  server.start(std::move(options));
  TestClient client = server.client();
  std::string burst;
  for (int i = 0; i < 200; ++i) {
    burst += masked_frame(kText, envelope("ask", std::to_string(i)));
    burst += masked_frame(kText, envelope(i % 2 == 0 ? "join" : "leave", R"({"rooms":["r"]})", std::to_string(i)));
  }
  client.write(burst);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(client.next(), R"({"event":"answer","data":)" + std::to_string(i) + '}');
    EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["r"]},"id":")" + std::to_string(i) + R"("})");
  }
}

// Whatever the connected handler sends comes after `connected`, and messages wait until it is done.
TEST_P(Handlers, ConnectedComesFirst) {
  Options options;
  options.client_connected = make<ClientConnected>([&](const ClientConnected& event) {
    notes.add("connected");
    server->send_to_client(event.client_id, "welcome");
    server->join_room(event.client_id, "lounge");
    server->send_to_room("lounge", "news");
  });
  options.message = make<Message>([&](const Message& message) { notes.add(std::string(message.event)); });
  server.make(std::move(options)).start();
  TestClient client = server.connect();
  client.write(masked_frame(kText, envelope("authenticate")) + masked_frame(kText, envelope("first")));
  client.expect("connected");
  client.expect("welcome");
  client.expect("news");
  eventually("the message", [&] { return notes.size() == 2; });
  EXPECT_THAT(notes.all(), ElementsAre("connected", "first"));
}

TEST_P(Handlers, ShutdownFromOneReturnsAtOnce) {
  std::atomic<std::int64_t> took = -1;
  Options options;
  options.message = make<Message>([&](const Message& message) {
    server->send_to_client(message.client_id, "last");
    const auto began = std::chrono::steady_clock::now();
    server->shutdown();
    took = (std::chrono::steady_clock::now() - began) / 1ms;
  });
  options.client_disconnected =
      make<ClientDisconnected>([&](const ClientDisconnected& event) { notes.add(std::to_string(event.code)); });
  options.threads = 2;
  server.start(std::move(options));
  TestClient client = server.client();
  TestClient other = server.client();
  client.send(envelope("shutdown"));
  client.expect("last");
  EXPECT_EQ(client.expect_close(), (CloseFrame{1001, "Server shutting down"}));
  client.finish();
  other.finish();
  eventually("the handler to return", [&] { return took >= 0; });
  EXPECT_LT(took, 5000);
  server->shutdown();
  EXPECT_THAT(notes.all(), ElementsAre("1001", "1001"));
}

// The client is gone before its handler has answered or while it runs.
TEST_P(Handlers, ClosingTheOwnClientInsideOneIsFine) {
  Options options;
  options.authenticate = make<AuthenticateRequest>([&](const AuthenticateRequest& request) {
    if (request.data.text() == "1") server->disconnect(request.client_id, 4100);
    AuthenticateResult result;
    result.emplace();
    return result;
  });
  options.validate_room = make<ValidateRoomRequest>([&](const ValidateRoomRequest& request) {
    server->disconnect(request.client_id, 4200);
    return allow_all(request);
  });
  options.client_connected = make<ClientConnected>([&](const ClientConnected& event) {
    notes.add("connected");
    if (server->client(event.client_id)->user_id) server->disconnect(event.client_id, 4300);
  });
  options.client_disconnected =
      make<ClientDisconnected>([&](const ClientDisconnected& event) { notes.add(std::to_string(event.code)); });
  server.start(std::move(options));

  TestClient first = server.connect();
  first.send(envelope("authenticate", "1"));
  EXPECT_EQ(first.expect_close().code, 4100);
  first.finish();
  TestClient second = server.client();
  second.send(envelope("join", R"({"rooms":["r"]})", "7"));
  EXPECT_EQ(second.wait_for_close().code, 4200);
  second.finish();
  eventually("both to be gone", [&] { return server->statistics().connections_open == 0; });
  server.destroy();
  EXPECT_THAT(notes.all(), ElementsAre("connected", "4200"));
}

INSTANTIATE_TEST_SUITE_P(, Handlers, testing::Values(Kind::plain, Kind::coroutine),
                         [](const auto& test) { return test.param == Kind::plain ? "Plain" : "Coroutine"; });

}  // namespace
}  // namespace hearth::test
