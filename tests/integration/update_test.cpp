// Server::update: settings that change while the server runs.

#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kFromElsewhere = "Origin: https://elsewhere.example\r\n";

bool may_upgrade(const TestServer& server, std::string_view fields) {
  try {
    TestClient(server.address()).upgrade("/ws", fields);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

RoomRule rule(const std::string& pattern) {
  RoomRule rule;
  rule.pattern = {pattern};
  return rule;
}

RoomRule remembering(const std::string& pattern) {
  RoomRule remembers = rule(pattern);
  remembers.history_size = 100;
  return remembers;
}

TEST(Update, SettingsAreThoseOfTheOptionsUntilThen) {
  TestServer server;
  server.start({.limits = {.connections = 7}, .allowed_origins = {"https://a.example"}});
  Settings settings = server->settings();
  EXPECT_EQ(settings.limits.connections, 7U);
  EXPECT_EQ(settings.allowed_origins, std::vector<std::string>{"https://a.example"});
  settings.limits.connections = 8;
  server->update(settings);
  EXPECT_EQ(server->settings().limits.connections, 8U);
}

TEST(Update, OriginsAndLogLevelAreThoseOfTheNewSettings) {
  TestServer server;
  server.start({.threads = 2, .allowed_origins = {"https://a.example"}});
  EXPECT_FALSE(may_upgrade(server, kFromElsewhere));
  Settings settings = server->settings();
  settings.allowed_origins = {"https://elsewhere.example"};
  server->update(settings);
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(may_upgrade(server, kFromElsewhere));
  EXPECT_FALSE(may_upgrade(server, "Origin: https://a.example\r\n"));
  eventually("the line of the update", [&] { return server.log().count("other settings") == 1; });
  settings.log_level = LogLevel::error;
  server->update(settings);
  server->log(LogLevel::warning, "hidden");
  server->log(LogLevel::error, "seen");
  eventually("the line that is logged", [&] { return server.log().count("seen") == 1; });
  EXPECT_EQ(server.log().count("hidden"), 0U);
}

TEST(Update, IsWholeOrNotAtAll) {
  TestServer server;
  server.start({.allowed_origins = {"https://a.example"}});
  const Settings before = server->settings();
  Settings settings = before;
  settings.limits.connections = 1;
  settings.allowed_origins = {"https://elsewhere.example", "no origin"};
  EXPECT_THROW(server->update(settings), std::invalid_argument);
  settings.allowed_origins = {"https://elsewhere.example"};
  settings.trusted_proxies = {"10.0.0.0/99"};
  EXPECT_THROW(server->update(settings), std::invalid_argument);
  settings.trusted_proxies = {};
  settings.limits.messages = Rate{};
  EXPECT_THROW(server->update(settings), std::invalid_argument);
  settings.limits.messages = std::nullopt;
  settings.room_rules = RoomRules({remembering("tea")});
  try {
    server->update(settings);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("history_size"));
  }
  EXPECT_EQ(server->settings().limits.connections, before.limits.connections);
  EXPECT_EQ(server->settings().allowed_origins, before.allowed_origins);
  EXPECT_FALSE(may_upgrade(server, kFromElsewhere));
}

TEST(Update, NeedsAServerThatRuns) {
  TestServer server;
  server.make({});
  EXPECT_THROW(server->update(server->settings()), std::logic_error);
  server->start();
  server->update(server->settings());
  server->shutdown();
  EXPECT_THROW(server->update(server->settings()), std::logic_error);
}

TEST(Update, MayBeCalledInAHandler) {
  TestServer server;
  server.make({.message = [&](const Message&) {
    Settings settings = server->settings();
    settings.allowed_origins = {"https://a.example"};
    server->update(settings);
  }});
  server->start();
  TestClient client = server.client();
  client.send(envelope("change"));
  eventually("the new origins", [&] { return !may_upgrade(server, kFromElsewhere); });
}

TEST(Update, ClientsThatAreThereCount) {
  TestServer server;
  server.start({.threads = 2});
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(server.client("ann"));
  Settings settings = server->settings();
  settings.limits.connections = 4;
  settings.limits.connections_per_user = 3;
  server->update(settings);
  TestClient fourth = server.connect();
  EXPECT_FALSE(may_upgrade(server, {}));
  fourth.send(envelope("authenticate", R"({"userId":"ann"})"));
  EXPECT_EQ(fourth.wait_for_close().code, 4009);
  fourth.finish();
  clients.pop_back();
  eventually("places for others", [&] { return server->clients().size() == 2; });
  TestClient third = server.client("ann");
  settings.limits = Limits();
  server->update(settings);
  for (int i = 0; i < 5; ++i) clients.push_back(server.client("ann"));
  EXPECT_EQ(server->clients().size(), 8U);
}

TEST(Update, RatesAreOfClientsThatAreThere) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  Settings settings = server->settings();
  settings.limits.messages = Rate{.count = 1, .per = 3600s, .burst = 2};
  server->update(settings);
  for (int i = 0; i < 5; ++i) client.send(R"({"event":"heartbeat","id":"h"})");
  for (int i = 0; i < 2; ++i) client.expect("ack");
  eventually("the client to be held up", [&] { return server->metrics().limit_hits.at("messages") == 1; });
  settings.limits.messages = std::nullopt;
  server->update(settings);
  for (int i = 0; i < 3; ++i) client.expect("ack");
}

TEST(Update, RoomsPerClientIsTheNewOne) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client();
  client.join("a");
  Settings settings = server->settings();
  settings.limits.rooms_per_client = 1;
  server->update(settings);
  client.send(envelope("join", R"({"rooms":["b"]})", "j"));
  EXPECT_THAT(client.expect("error"), HasSubstr("204"));
}

TEST(Update, MessagesMayBeAsLongAsTheNewSettingsSay) {
  TestServer server;
  server.start({.message = [](const Message&) {}});
  TestClient client = server.client();
  client.send(envelope("long", std::string(R"(")") + std::string(2000, 'x') + '"'));
  client.round_trip();
  Settings settings = server->settings();
  settings.max_payload_length = 1000;
  server->update(settings);
  client.send(envelope("long", std::string(R"(")") + std::string(2000, 'x') + '"'));
  EXPECT_EQ(client.wait_for_close().code, 1009);
}

TEST(Update, AsMuchWaitsForAClientAsTheNewSettingsSay) {
  constexpr std::size_t kMessage = std::size_t{64} * 1024;
  constexpr std::size_t kPastEverySocket = std::size_t{1024};  // messages
  TestServer server;
  server.start({.backpressure_limit = std::size_t{1} << 30});
  TestClient stuck = server.client();
  Settings settings = server->settings();
  settings.backpressure_limit = kMessage;
  server->update(settings);
  const std::string text = '"' + std::string(kMessage, 'x') + '"';
  for (std::size_t i = 0; i < kPastEverySocket && server->statistics().messages_dropped == 0; ++i) {
    server->send_to_client(stuck.id(), "m", JsonView::trusted(text));
    server.fence();
  }
  EXPECT_GT(server->statistics().messages_dropped, 0U);
}

TEST(Update, GraceAndHeadersAreThoseOfTheNewSettings) {
  TestServer server;
  std::promise<std::string> team;
  server.start({.expiry_grace = 5min, .authenticate = [&](const AuthenticateRequest& request) -> AuthenticateResult {
                  team.set_value(request.headers.empty() ? "" : std::string(request.headers.front().value));
                  return Identity{.user_id = "ann", .expires_at = std::chrono::system_clock::now() + 100ms};
                }});
  Settings settings = server->settings();
  settings.expiry_grace = 50ms;
  settings.request_headers = {"x-team"};
  server->update(settings);
  TestClient client(server.address());
  client.upgrade("/ws", "X-Team: red\r\n").send(envelope("authenticate"));
  EXPECT_EQ(client.wait_for_close().code, 4006) << "long before five minutes are over";
  EXPECT_EQ(team.get_future().get(), "red");
}

TEST(Update, HandlersThatWaitBeginWhenMoreMay) {
  std::promise<void> go_on;
  const std::shared_future<void> open = go_on.get_future().share();
  std::atomic<int> entered = 0;
  TestServer server;
  server.start({.limits = {.running_handlers = 1}, .message = [&](const Message&) -> Awaitable<void> {
                  ++entered;
                  while (open.wait_for(0s) != std::future_status::ready) {
                    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1ms);
                    co_await timer.async_wait(boost::asio::use_awaitable);
                  }
                }});
  TestClient one = server.client();
  TestClient two = server.client();
  one.send(envelope("a"));
  eventually("the first handler", [&] { return entered == 1; });
  two.send(envelope("b"));
  two.round_trip();
  Settings settings = server->settings();
  settings.limits.running_handlers = 2;
  server->update(settings);
  eventually("the second handler", [&] { return entered == 2; });
  go_on.set_value();
}

TEST(Update, EventsOfRoomsAreToldFromThenOn) {
  Notes notes;
  TestServer server;
  server.start({.room_rules = RoomRules({rule("tea")}),
                .validate_room = allow_all,
                .room_joined = [&](const RoomMembership& event) { notes.add("+" + std::string(event.room)); },
                .room_left = [&](const RoomMembership& event) { notes.add("-" + std::string(event.room)); }});
  TestClient client = server.client();
  client.join("tea");
  Settings settings = server->settings();
  RoomRule told = rule("tea");
  told.events = true;
  settings.room_rules = RoomRules({told});
  server->update(settings);
  client.leave("tea");
  client.join("tea");
  client.round_trip();
  EXPECT_THAT(notes.all(), testing::ElementsAre("-tea", "+tea"));
}

TEST(Update, ARoomThatIsThereBeginsToRememberAndLosesNothing) {
  TestServer server;
  server.start({.threads = 2,
                .client_publish = true,
                .room_rules = RoomRules({remembering("other")}),
                .validate_room = allow_all});
  std::vector<TestClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(server.client());
    clients.back().join("tea");
  }
  Settings settings = server->settings();
  settings.room_rules = RoomRules({remembering("tea")});
  std::atomic<bool> done = false;
  std::atomic<int> sent = 0;
  std::thread publisher([&] {
    for (; sent < 2000 && (!done || sent < 50); ++sent) server->publish("tea", "n", sent.load());
  });
  eventually("some to be sent before", [&] { return sent > 10; });
  server->update(settings);
  done = true;
  publisher.join();
  std::promise<std::uint64_t> offset;
  server->publish("tea", "last", {}, {}, [&](const Result<Appended>& appended) {
    offset.set_value(appended ? appended->position.offset : 0);
  });
  EXPECT_GT(offset.get_future().get(), 0U) << "it has not come to remember";
  for (TestClient& client : clients) {
    for (int i = 0; i < sent; ++i) {
      EXPECT_EQ(client.expect("n"), R"({"event":"n","data":)" + std::to_string(i) + '}');
    }
    client.expect("last");
  }
}

TEST(Update, ARoomThatBeginsToRememberTellsWhoIsBehindThere) {
  RoomRule gap = rule("tea");
  gap.slow_consumer = RoomSlowConsumer::gap;
  TestServer server;
  server.start({.threads = 1, .room_rules = RoomRules({gap, remembering("other")}), .validate_room = allow_all});
  TestClient slow = server.connect(4096);
  slow.authenticate();
  slow.send(R"({"event":"join","data":{"rooms":["tea"],"since":{"tea":null}},"id":"j"})");
  slow.expect("ack");
  constexpr int kCount = 900;
  const Json large = boost::json::value(std::string(20'000, 'x'));
  for (int n = 0; n < kCount; ++n) server->publish("tea", "n", large);
  Settings settings = server->settings();
  settings.room_rules = RoomRules({remembering("tea")});
  server->update(settings);
  int got = 0;
  std::string message = slow.next();
  for (; event_of(message) == "n"; message = slow.next()) ++got;
  EXPECT_EQ(message,
            R"({"event":"gap","data":{"room":"tea","reason":"slow","skipped":)" + std::to_string(kCount - got) + "}}");
  std::promise<bool> is_kept;
  server->publish("tea", "last", {}, {}, [&](const Result<Appended>& appended) {
    is_kept.set_value(appended && appended->position.offset == 1);
  });
  EXPECT_TRUE(is_kept.get_future().get());
  EXPECT_EQ(slow.next(), R"({"event":"last"})");
}

TEST(Update, AddsNoFirstPolicy) {
  TestServer server;
  server.start({.room_rules = RoomRules({rule("tea")})});
  Settings settings = server->settings();
  RoomRule gap = rule("tea");
  gap.slow_consumer = RoomSlowConsumer::gap;
  settings.room_rules = RoomRules({gap});
  EXPECT_THROW(server->update(settings), std::invalid_argument);
}

// Of many changes under load, none costs a message or a connection.
TEST(Update, AHundredTimesUnderLoadNothingIsLost) {
  TestServer server;
  server.start({.threads = 2, .client_publish = true, .validate_room = allow_all});
  TestClient reader = server.client();
  reader.join("tea");
  std::vector<TestClient> writers;
  for (int i = 0; i < 2; ++i) {
    writers.push_back(server.client());
    writers.back().join("tea");
  }
  std::atomic<int> rounds = 0;
  std::thread updates([&] {
    for (; rounds < 100; ++rounds) {
      Settings settings = server->settings();
      const bool odd = rounds % 2 != 0;
      settings.limits.messages =
          odd ? std::optional(Rate{.count = 1'000'000, .per = 1s, .burst = 1'000'000}) : std::nullopt;
      settings.limits.connections = odd ? 1000 : 0;
      settings.limits.connections_per_user = odd ? 0 : 500;
      settings.allowed_origins = {odd ? "*" : "https://a.example"};
      RoomRule told = rule("tea");
      told.events = odd;
      settings.room_rules = RoomRules({told});
      server->update(settings);
    }
  });
  int sent = 0;
  while (rounds < 100 || sent < 100) {
    for (TestClient& writer : writers) {
      writer.send(envelope("publish", R"({"room":"tea","event":"n","data":)" + std::to_string(sent) + "}", "p"));
    }
    for (TestClient& writer : writers) {
      writer.wait_for("ack");
      reader.expect("n");
    }
    ++sent;
  }
  updates.join();
  EXPECT_THAT(reader.rest(), testing::IsEmpty());
  EXPECT_EQ(server->clients().size(), 3U);
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

}  // namespace
}  // namespace hearth::test
