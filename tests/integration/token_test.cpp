// `hearth token`, `hearth token verify` and `hearth rules`.

#include "support/command_folder.hpp"

#include <gmock/gmock.h>

#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

class Token : public testing::Test, protected CommandFolder {
 protected:
  Token() {
    write(R"([[auth.jwt]]
secret = "0123456789abcdef0123456789abcdef"
algorithms = ["HS256"]
issuer = "https://a.example"
audience = "hearth"
user_claim = "/user/id"
[[rooms]]
pattern = "user:{user}"
join = "users"
[[rooms]]
pattern = "chat:*"
join = "granted"
publish = ["members", "users"]
publish_events = ["message"]
)");
  }
  std::string made(const std::string& arguments) const {
    const CommandEnd token = run("token " + arguments);
    EXPECT_EQ(token.status, 0) << token.output;
    return token.output.substr(0, token.output.find('\n'));
  }
};

TEST_F(Token, IsWhatTheConfigurationWants) {
  const CommandEnd verified = run("token verify " + made("--user ann --claims '{\"user\":{\"age\":3}}'"));
  EXPECT_EQ(verified.status, 0) << verified.output;
  EXPECT_THAT(verified.output, AllOf(ContainsRegex("passed +signature"), ContainsRegex("passed +aud "),
                                     HasSubstr("good: the user is ann")));
}

TEST_F(Token, ThatIsRefusedSaysWhy) {
  const CommandEnd old = run("token verify " + made("--user ann --claims '{\"exp\":1000000000}'"));
  EXPECT_EQ(old.status, 1);
  EXPECT_THAT(old.output,
              AllOf(ContainsRegex("passed +signature"), HasSubstr("FAILED"), HasSubstr("refused: expired")));
  EXPECT_THAT(run("token verify x").output, HasSubstr("refused: malformed"));
  EXPECT_EQ(run("token verify " + made("")).status, 1) << "nobody's";
  EXPECT_THAT(run("token").output, HasSubstr("warning: it names no user"));
}

TEST_F(Token, IsReadFromStandardInput) {
  const CommandEnd verified = run("token --user ann | " + command_path() + " token verify -");
  EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST_F(Token, IsNotMadeOfWrongArguments) {
  const auto refused = [&](const std::string& arguments) {
    const CommandEnd end = run("token --user ann " + arguments);
    EXPECT_EQ(end.status, 2) << end.output;
    return end.output;
  };
  EXPECT_THAT(refused("--ttl soon"), HasSubstr("--ttl: `soon` is no duration"));
  EXPECT_THAT(refused("--ttl 0"), HasSubstr("--ttl: `0` is no duration of 1s or more"));
  EXPECT_THAT(refused("--claims '[]'"), HasSubstr("--claims: no JSON object"));
  EXPECT_THAT(refused("--claims '{\"user\":1}'"), HasSubstr("no place for the user id at /user/id"));
  EXPECT_THAT(refused("--alg HS512"), HasSubstr("HS512 is not in auth.jwt.algorithms"));
  EXPECT_THAT(refused("--issuer b"), HasSubstr("no secret to sign with for the issuer b"));
  EXPECT_THAT(refused("--key missing.pem --alg ES256"), HasSubstr("missing.pem cannot be read"));
  EXPECT_THAT(refused("--key hearth.toml"), HasSubstr("--key needs --alg"));
}

TEST_F(Token, NeedsAConfigurationThatIsGood) {
  write("[server]\npaht = 1\n");
  for (const std::string command : {"token --user ann", "token verify x", "rules a"}) {
    const CommandEnd end = run(command);
    EXPECT_EQ(end.status, 2);
    EXPECT_THAT(end.output, HasSubstr("unknown key server.paht"));
  }
}

TEST_F(Token, RulesSayWhatDecides) {
  const CommandEnd own = run("rules user:ann --user ann");
  EXPECT_EQ(own.status, 0);
  EXPECT_THAT(own.output, AllOf(StartsWith("join: yes\n  rule 1 (user:{user}):"), ContainsRegex("holds +users:"),
                                HasSubstr("publish: no, code 203\n")));
  const CommandEnd other = run("rules user:ben --user ann");
  EXPECT_THAT(other.output, AllOf(StartsWith("join: no, code 200\n"), HasSubstr("no rule matches, so nobody may\n")));
}

TEST_F(Token, RulesTakeTheGrantsOfOne) {
  const std::string token = made("--user ann --claims '{\"hearth\":{\"join\":[\"chat:4*\"]}}'");
  EXPECT_THAT(run("rules chat:42 --token " + token).output,
              AllOf(StartsWith("join: yes\n"), HasSubstr("no, code 202")));
  EXPECT_THAT(run("rules chat:42 --member --token " + token).output, HasSubstr("publish: yes\n"));
  EXPECT_THAT(run("rules chat:42 --member --event paid --token " + token).output, HasSubstr("publish: no, code 203\n"));
  const CommandEnd bad = run("rules chat:42 --token x");
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.output, HasSubstr("the token is refused (malformed)"));
}

}  // namespace
}  // namespace hearth::test
