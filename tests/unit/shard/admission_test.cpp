#include "shard/admission.hpp"

#include "support/coroutines.hpp"
#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

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

}  // namespace
}  // namespace hearth::shard
