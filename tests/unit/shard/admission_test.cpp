#include "shard/admission.hpp"

#include "hearth/rejected.hpp"
#include "support/coroutines.hpp"
#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Options deciding(Handler<AuthenticateResult, AuthenticateRequest> handler) {
  Options options;
  options.authenticate = std::move(handler);
  return options;
}

TEST(Admission, WelcomesWhoTheHandlerAccepts) {
  std::string data;
  Parts parts(deciding([&](const AuthenticateRequest& request) {
    data = request.data.text();
    return Identity{.user_id = "ann", .metadata = 7};
  }));
  hub::Client& client = parts.connect();
  parts.admission.authenticate(client, Parts::envelope("authenticate", R"({"token":"x"})", R"("1")"));
  EXPECT_EQ(data, R"({"token":"x"})");
  EXPECT_THAT(
      parts.outlet.take(),
      ElementsAre(
          StartsWith(R"({"event":"connected","data":{"id":")" + client.id.str() + R"(","userId":"ann",)"),
          R"({"event":"ack","data":{"rooms":[")" + client.id.str() + R"(","ws-default","ws-notification"]},"id":"1"})",
          "admitted"));
  EXPECT_TRUE(client.is_authenticated());
  EXPECT_EQ(parts.admission.authenticated(), 1U);
  parts.admission.left();
  EXPECT_EQ(parts.admission.authenticated(), 0U);
}

TEST(Admission, ASecondTimeIsAnError) {
  Parts parts(deciding([](const AuthenticateRequest&) { return Identity{}; }));
  hub::Client& client = parts.connect();
  parts.admission.authenticate(client, Parts::envelope("authenticate", ""));
  parts.outlet.take();
  parts.admission.authenticate(client, Parts::envelope("authenticate", "", R"("2")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":102)")));
}

TEST(Admission, RefusesWhoTheHandlerDoesNot) {
  Parts parts(deciding([](const AuthenticateRequest&) { return AuthenticateResult(); }));
  parts.admission.authenticate(parts.connect(), Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":103)"), "close 4003"));
}

TEST(Admission, WhatIsThrownIsNoYes) {
  Parts broken(deciding([](const AuthenticateRequest&) -> AuthenticateResult { throw std::runtime_error("broken"); }));
  broken.admission.authenticate(broken.connect(), Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(broken.outlet.take(), ElementsAre(HasSubstr(R"("code":104)"), "close 4003"));
  Parts away(
      deciding([](const AuthenticateRequest&) -> AuthenticateResult { throw Unavailable("the database is away"); }));
  away.admission.authenticate(away.connect(), Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(away.outlet.take(), ElementsAre(HasSubstr(R"("code":109)"), "close 1013"));
}

TEST(Admission, WaitsForACoroutine) {
  Parts parts(deciding(test::as_coroutine<AuthenticateResult, AuthenticateRequest>(
      [](const AuthenticateRequest&) { return Identity{}; }, std::chrono::milliseconds(0))));
  hub::Client& client = parts.connect();
  parts.admission.authenticate(client, Parts::envelope("authenticate", "null"));
  EXPECT_EQ(client.state, ClientState::authenticating);
  EXPECT_THAT(parts.outlet.take(), IsEmpty());
  while (!client.is_authenticated()) parts.run();
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr("connected"), "admitted"));
}

TEST(Admission, AKeyThatIsWantedAndNotGivenRefusesTheClient) {
  Options options = deciding([](const AuthenticateRequest&) { return Identity{}; });
  options.encryption = Encryption::required;
  Parts parts(std::move(options));
  parts.admission.authenticate(parts.connect(), Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":107)"), "close 4004"));
}

using namespace std::chrono_literals;

/// A client `ann` whose identity ends in a minute, after `connected`.
hub::Client& admitted(Parts& parts, std::string_view id_json = R"("1")") {
  hub::Client& client = parts.connect();
  parts.admission.authenticate(client, Parts::envelope("authenticate", R"({"token":"first"})", id_json));
  parts.outlet.take();
  return client;
}

/// Accepts `ann` for a minute, whatever `answer` does before.
template <class Answer>
Options for_a_minute(Answer answer) {
  return deciding([answer](const AuthenticateRequest& request) -> AuthenticateResult {
    Identity identity{.user_id = "ann"};
    identity.expires_at = std::chrono::system_clock::now() + 60s + 500ms;
    answer(request, identity);
    return identity;
  });
}

TEST(Renewal, TheFirstAckSaysForHowLong) {
  Parts parts(for_a_minute([](const auto&, const auto&) {}));
  hub::Client& client = parts.connect();
  parts.admission.authenticate(client, Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(parts.outlet.take()[1], HasSubstr(R"("expiresIn":60})"));
}

TEST(Renewal, ANewTokenOfTheSameUserTakesThePlaceOfTheOld) {
  std::vector<std::string> asked;
  Parts parts(for_a_minute([&](const AuthenticateRequest& request, Identity& identity) {
    asked.push_back(std::string(request.renewal ? "renewal " : "first ") + std::string(request.user_id.value_or("-")) +
                    (request.context ? " with context" : ""));
    identity.context = std::make_shared<const int>(7);
    identity.metadata = request.renewal ? "other" : "metadata";
    if (request.renewal) identity.rooms = {"more"};
  }));
  hub::Client& client = admitted(parts);
  const auto context = client.context();
  parts.time += 30s;
  parts.admission.authenticate(client, Parts::envelope("authenticate", R"({"token":"second"})", R"("2")"));
  EXPECT_THAT(asked, ElementsAre("first -", "renewal ann with context"));
  EXPECT_THAT(parts.outlet.take(),
              ElementsAre(R"({"event":"ack","data":{"rooms":[")" + client.id.str() +
                          R"(","ws-default","ws-notification","more"],"expiresIn":60},"id":"2"})"));
  EXPECT_NE(client.context(), context);
  EXPECT_EQ(client.metadata(), "metadata");
}

TEST(Renewal, APlainClientHearsNothingOfIt) {
  Parts parts(for_a_minute([](const auto&, const auto&) {}));
  hub::Client& client = admitted(parts, "");
  parts.admission.authenticate(client, Parts::envelope("authenticate", "{}"));
  EXPECT_THAT(parts.outlet.take(), IsEmpty());
}

TEST(Renewal, WhatFailsCostsNothingButAnError) {
  for (const auto& [sent, code] : std::vector<std::pair<std::string, std::string>>{
           {"none", "103"}, {"expired", "110"}, {"away", "109"}, {"broken", "104"}, {"ben", "111"}}) {
    Parts parts(deciding([](const AuthenticateRequest& request) -> AuthenticateResult {
      const std::string token = request.data.member("token")->string().value();
      if (token == "none") return std::nullopt;
      if (token == "expired") throw TokenExpired();
      if (token == "away") throw Unavailable();
      if (token == "broken") throw std::runtime_error("broken");
      Identity identity{.user_id = token == "ben" ? "ben" : "ann"};
      identity.expires_at = std::chrono::system_clock::now() + 60s;
      return identity;
    }));
    hub::Client& client = admitted(parts);
    const auto end = client.details->expires_at;
    parts.admission.authenticate(client, Parts::envelope("authenticate", R"({"token":")" + sent + "\"}", R"("2")"));
    EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":)" + code + "}"))) << sent;
    EXPECT_EQ(client.details->expires_at, end);
    EXPECT_TRUE(client.is_authenticated());
    // Nor may it be tried again at once.
    parts.admission.authenticate(client, Parts::envelope("authenticate", R"({"token":"ann"})", R"("3")"));
    EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":109})")));
    parts.time += 1s;
    parts.admission.authenticate(client, Parts::envelope("authenticate", R"({"token":"ann"})", R"("4")"));
    EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("event":"ack")")));
  }
}

TEST(Renewal, RoomsThatItMayNotBeInAnyMoreAreLeft) {
  Options options = for_a_minute([](const auto&, const auto&) {});
  std::vector<std::string> asked;
  options.validate_room = [&](const ValidateRoomRequest& request) {
    if (request.renewal) asked.assign(request.rooms.begin(), request.rooms.end());
    return request.renewal ? RoomDecisions({"kept"})
                           : RoomDecisions(std::vector<std::string>(request.rooms.begin(), request.rooms.end()));
  };
  Parts parts(std::move(options));
  hub::Client& client = admitted(parts);
  parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["kept","lost"]})"));
  parts.hub.join(client, "given");
  parts.admission.authenticate(client, Parts::envelope("authenticate", "{}", R"("2")"));
  EXPECT_THAT(asked, ElementsAre("kept", "lost"));
  EXPECT_TRUE(parts.hub.is_member(client, "kept"));
  EXPECT_FALSE(parts.hub.is_member(client, "lost"));
  EXPECT_TRUE(parts.hub.is_member(client, "given"));
  EXPECT_THAT(parts.outlet.take().back(), testing::Not(HasSubstr("lost")));
}

TEST(Renewal, AnIdentityWithoutAnEndIsNotRenewed) {
  Parts parts(deciding([](const AuthenticateRequest&) { return Identity{.user_id = "ann"}; }));
  hub::Client& client = admitted(parts);
  parts.admission.authenticate(client, Parts::envelope("authenticate", "{}", R"("2")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":102})")));
}

TEST(Admission, AReasonIsToldToThoseWhoAskedWithAnId) {
  Parts parts(deciding([](const AuthenticateRequest&) -> AuthenticateResult { throw Rejected("no \"token\""); }));
  parts.admission.authenticate(parts.connect(), Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(
      parts.outlet.take(),
      ElementsAre(
          R"({"event":"error","data":{"message":"Authentication failed","code":103,"reason":"no \"token\""},"id":"1"})",
          "close 4003"));
  parts.admission.authenticate(parts.connect(), Parts::envelope("authenticate", "{}"));
  EXPECT_THAT(parts.outlet.take(),
              ElementsAre(R"({"event":"error","data":{"message":"Authentication failed"}})", "close 4003"));
}

TEST(Renewal, AReasonIsToldToThoseWhoAskedWithAnId) {
  const auto answer = std::make_shared<bool>(true);
  Parts parts(deciding([answer](const AuthenticateRequest&) -> AuthenticateResult {
    if (!std::exchange(*answer, false)) throw Rejected("why not");
    return Identity{.expires_at = std::chrono::system_clock::now() + std::chrono::hours(1)};
  }));
  hub::Client& client = admitted(parts);
  parts.admission.authenticate(client, Parts::envelope("authenticate", "{}", R"("2")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":103,"reason":"why not"},"id":"2"})")));
}

TEST(Admission, AnExpiredTokenIsToldToThoseWhoUnderstandIt) {
  Parts parts(deciding([](const AuthenticateRequest&) -> AuthenticateResult { throw TokenExpired(); }));
  parts.admission.authenticate(parts.connect(), Parts::envelope("authenticate", "{}", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("code":110)"), "close 4006"));
  parts.admission.authenticate(parts.connect(), Parts::envelope("authenticate", "{}"));
  EXPECT_THAT(parts.outlet.take(),
              ElementsAre(R"({"event":"error","data":{"message":"Authentication failed"}})", "close 4003"));
}

}  // namespace
}  // namespace hearth::shard
