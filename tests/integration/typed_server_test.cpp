// Auth data and metadata of the application's own types.

#include "hearth/typed_server.hpp"

#include "support/notes.hpp"
#include "support/test_client.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <boost/describe/class.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace hearth::test {

struct Login {
  std::string token;
  std::optional<int> level;
};
BOOST_DESCRIBE_STRUCT(Login, (), (token, level))

struct Profile {
  std::string name;
  int level = 0;
};
BOOST_DESCRIBE_STRUCT(Profile, (), (name, level))

namespace {

using testing::ElementsAre;

using Typed = TypedServer<Login, Profile>;
using Request = TypedAuthenticateRequest<Login>;
using Verdict = std::optional<TypedIdentity<Profile>>;
using Connected = TypedClientConnected<Profile>;

enum class Kind : std::uint8_t { plain, coroutine };

class TypedServers : public testing::TestWithParam<Kind> {
 protected:
  TypedServers() {
    Typed::Handlers handlers;
    if (GetParam() == Kind::plain) {
      handlers.authenticate = [](const Request& request) { return judge(request); };
      handlers.client_connected = [this](const Connected& event) { note(event); };
    } else {
      handlers.authenticate = [](const Request& request) -> Awaitable<Verdict> { co_return judge(request); };
      handlers.client_connected = [this](const Connected& event) -> Awaitable<void> {
        note(event);
        co_return;
      };
    }
    Options options;
    options.identifier = "typed";
    options.listen = {"127.0.0.1:0"};
    options.threads = 1;
    options.log = [this](LogLevel level, std::string_view line) { log_.add(level, line); };
    server_ = std::make_unique<Typed>(std::move(options), std::move(handlers));
    server_->start();
  }

  TestClient connect() const {
    TestClient client(server_->addresses().front());
    client.upgrade();
    return client;
  }

  static Verdict judge(const Request& request) {
    if (request.data.token == "bad") return std::nullopt;
    return TypedIdentity<Profile>{request.data.token,
                                  {"name of " + request.data.token, request.data.level.value_or(1)}};
  }
  void note(const Connected& event) { notes_.add(event.metadata.name + ' ' + std::to_string(event.metadata.level)); }

  LogLines log_;
  Notes notes_;
  std::unique_ptr<Typed> server_;
};

TEST_P(TypedServers, HandlersSeeTheApplicationsTypes) {
  TestClient ann = connect();
  ann.authenticate(R"({"token":"ann","level":7,"unknown":[]})");
  TestClient ben = connect();
  ben.authenticate(R"({"token":"ben","level":null})");
  ann.round_trip();
  ben.round_trip();
  eventually("both handlers to have run", [&] { return notes_.all().size() == 2; });
  EXPECT_THAT(notes_.all(), ElementsAre("name of ann 7", "name of ben 1"));
  EXPECT_EQ(server_->metadata(ann.id())->level, 7);
  EXPECT_EQ(server_->client(ben.id())->metadata, (boost::json::value{{"name", "name of ben"}, {"level", 1}}));
  EXPECT_FALSE(server_->metadata("nobody"));
}

TEST_P(TypedServers, WhatDoesNotFitIsRejectedAndTheLogNamesTheField) {
  for (const auto& [data, complaint] : std::vector<std::pair<std::string, std::string>>{
           {"{}", "field `token` is missing"},
           {R"({"token":5})", "field `token` has the wrong type"},
           {R"({"token":"ann","level":"high"})", "field `level` has the wrong type"},
           {"[]", "the value is no object"},
           {R"({"token":"bad"})", ""}}) {
    TestClient client = connect();
    client.send(envelope("authenticate", data));
    EXPECT_EQ(client.expect("error"), R"({"event":"error","data":{"message":"Authentication failed"}})") << data;
    EXPECT_EQ(client.expect_close(), (CloseFrame{4003, "Authentication failed"})) << data;
    client.finish();
    if (!complaint.empty()) {
      eventually("a line with " + complaint, [&] { return log_.count(complaint) == 1; });
    }
  }
  server_->shutdown();  // after which the log has everything
  EXPECT_EQ(log_.count("auth data of client "), 4U);
}

TEST(TypedServer, TakesNoSecondHandlerOfTheSameName) {
  const auto judge = [](const Request&) -> Verdict { return std::nullopt; };
  Options options;
  options.identifier = "typed";
  EXPECT_THROW(Typed(options, {}), std::invalid_argument);
  options.authenticate = accept_anybody;
  EXPECT_THROW(Typed(options, {.authenticate = judge}), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(, TypedServers, testing::Values(Kind::plain, Kind::coroutine),
                         [](const auto& test) { return test.param == Kind::plain ? "Plain" : "Coroutine"; });

}  // namespace
}  // namespace hearth::test
