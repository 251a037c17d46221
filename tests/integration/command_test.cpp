// The command `hearth`.

#include "support/command.hpp"
#include "support/child_process.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Without taking its status.
bool has_ended(pid_t process) {
  siginfo_t state{};
  return ::waitid(P_PID, static_cast<id_t>(process), &state, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         state.si_pid == process;
}

/// A server of the command, in development mode.
class Serving {
 public:
  explicit Serving(std::vector<std::string> more = {}) : process_(arguments(std::move(more))) {
    const std::string line = process_.read_line();
    constexpr std::string_view kListening = "listening on ";
    if (!line.starts_with(kListening)) throw std::runtime_error("not the address: " + line);
    address_ = line.substr(kListening.size());
  }

  const std::string& address() const { return address_; }
  ChildProcess& process() { return process_; }

 private:
  static std::vector<std::string> arguments(std::vector<std::string> more) {
    std::vector<std::string> all{command_path(), "serve", "--dev", "--listen", "127.0.0.1:0", "--log-level", "off"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ChildProcess process_;
  std::string address_;
};

TEST(Command, SaysHowItIsUsed) {
  const CommandEnd help = run_command("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output, HasSubstr("serve"));
  const CommandEnd serve = run_command("serve --help");
  EXPECT_EQ(serve.status, 0);
  for (const std::string_view flag :
       {"--dev", "--listen", "--path", "--threads", "--log-level", "hearth serve --dev"}) {
    EXPECT_THAT(serve.output, HasSubstr(flag));
  }
  EXPECT_EQ(run_command("").status, 2);
  EXPECT_EQ(run_command("sing").status, 2);
  EXPECT_EQ(run_command("serve --dev --threads x").status, 2);
}

TEST(Command, SaysWhatOfACommandLineIsNotUnderstoodAndWhatIsNear) {
  for (const auto& [arguments, said] : std::vector<std::pair<std::string, std::string>>{
           {"serv", "hearth: there is no command `serv`; did you mean serve?\n`hearth --help` says"},
           {"serve --lsiten x", "hearth serve: there is no flag --lsiten; did you mean --listen?"},
           {"serve --port=1",
            "hearth serve: there is no flag --port; did you mean --listen?\n`hearth serve --help` says"},
           {"serve extra", "hearth serve: `extra` is a word too many\n"},
           {"config", "hearth config: give one of init, check, print, keys\n"},
           {"config chek", "hearth config: there is no command `chek`; did you mean check?"},
           {"token verify", "hearth token verify: token is required\n`hearth token verify --help` says"}}) {
    const CommandEnd end = run_command(arguments);
    EXPECT_EQ(end.status, 2) << arguments;
    EXPECT_THAT(end.output, StartsWith(said)) << arguments;
  }
}

TEST(Command, SaysItsVersion) {
  const CommandEnd version = run_command("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.output, testing::MatchesRegex("hearth [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Command, WithoutDevItDoesNotServe) {
  const CommandEnd serve = run_command("serve --listen 127.0.0.1:0");
  EXPECT_EQ(serve.status, 2);
  EXPECT_THAT(serve.output, HasSubstr("--dev"));
}

TEST(Command, BadValuesAreNamed) {
  for (const auto& [arguments, named] : std::vector<std::pair<std::string, std::string>>{
           {"serve --dev --threads 257", "--threads"},
           {"serve --dev --threads x", "--threads"},
           {"serve --dev --log-level loud", "--log-level"},
           {"serve --dev --listen", "--listen"},
           {"serve --dev --listen 127.0.0.1", "127.0.0.1"},
           {"serve --dev --listen 127.0.0.1:x", "127.0.0.1:x"},
           {"serve --dev --path ws --listen 127.0.0.1:0", "path"},
           {"serve --dev --path /a?b --listen 127.0.0.1:0", "path is `/a?b`"},
           {"serve --dev --unknown", "--unknown"}}) {
    const CommandEnd bad = run_command(arguments, "timeout 30");
    EXPECT_EQ(bad.status, 2) << arguments;
    EXPECT_THAT(bad.output, HasSubstr(named));
    EXPECT_THAT(bad.output, Not(HasSubstr("hearth: hearth:")));
  }
}

TEST(Command, AnEmptyRedisUrlIsRefused) {
  const CommandEnd bench = run_command("bench fanout --via redis --redis ''", "timeout 30");
  EXPECT_EQ(bench.status, 2);
  EXPECT_THAT(bench.output, HasSubstr("--redis: the URL is empty; write redis://"));
}

TEST(Command, AllBadValuesAreNamedAtOnce) {
  const CommandEnd bad = run_command("serve --dev --threads x --path ws --log-level loud --redis ''", "timeout 30");
  EXPECT_EQ(bad.status, 2);
  for (const std::string_view flag : {"--threads: ", "--path: ", "--log-level: ", "--redis: broker.url is empty"}) {
    EXPECT_THAT(bad.output, HasSubstr(flag));
  }
}

TEST(Command, APortInUseIsNamed) {
  Serving first;
  const CommandEnd second = run_command("serve --dev --listen " + first.address());
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.output, HasSubstr(first.address()));
}

// What a server says that listens so, up to its last line before it waits.
std::vector<std::string> start_lines(const std::string& listen) {
  ChildProcess process({"/bin/sh", "-c", R"(exec "$0" "$@" 2>&1)", command_path(), "serve", "--dev", "--log-level",
                        "off", "--listen", listen});
  std::vector<std::string> lines;
  do {
    lines.push_back(process.read_line());
  } while (!lines.back().starts_with("playground: ") && !lines.back().starts_with("listening on unix:"));
  return lines;
}

TEST(Command, WarnsOfAddressesThatOtherMachinesReach) {
  for (const auto& [listen, instead] :
       {std::pair("0.0.0.0:0", "Listen on 127.0.0.1:"), std::pair(":0", "Listen on 127.0.0.1:"),
        std::pair("[::]:0", "Listen on [::1]:")}) {
    const std::vector<std::string> lines = start_lines(listen);
    EXPECT_THAT(lines, Contains(AllOf(StartsWith("warning: "), HasSubstr(" is every network interface"),
                                      HasSubstr("whoever gets there can act as any user"), HasSubstr(instead))))
        << listen;
    for (const std::string& line : lines) {
      constexpr std::string_view kListening = "listening on ";
      if (!line.starts_with(kListening)) continue;
      EXPECT_THAT(lines, Contains(StartsWith("warning: " + line.substr(kListening.size()) + " is every")));
    }
  }
}

TEST(Command, DoesNotWarnOfAddressesOfThisMachine) {
  const std::string path = testing::TempDir() + "hearth-command-" + std::to_string(::getpid());
  for (const std::string& listen : {std::string("127.0.0.1:0"), std::string("[::1]:0"), "unix:" + path}) {
    EXPECT_THAT(start_lines(listen), Not(Contains(HasSubstr("whoever gets there"))));
  }
}

TEST(Command, TooLittleMemoryForItsThreadsEndsItWithAMessage) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes more address space than any limit leaves";
  for (const std::string kilobytes : {"50000", "60000", "200000", "800000"}) {
    const CommandEnd end =
        run_command("serve --dev --listen 127.0.0.1:0 --threads 256", "ulimit -v " + kilobytes + "; timeout 30");
    EXPECT_EQ(end.status, 1) << kilobytes << end.output;
    EXPECT_THAT(end.output, AnyOf(HasSubstr("hearth: a thread could not be started, for want of memory"),
                                  HasSubstr("hearth: there is not enough memory")));
  }
}

TEST(Command, EndsWithASignalAndClosesItsClients) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Serving serving({"--threads", "2"});
    TestClient first(serving.address());
    first.upgrade().authenticate();
    TestClient second(serving.address());
    second.upgrade();
    ::kill(serving.process().pid(), signal);
    EXPECT_EQ(first.expect_close(), (CloseFrame{1001, "Server shutting down"}));
    EXPECT_EQ(second.expect_close().code, 1001);
    first.finish();
    second.finish();
    eventually("the command to end", [&] { return has_ended(serving.process().pid()); });
    EXPECT_EQ(serving.process().terminate(), 0) << signal;
  }
}

TEST(Command, DevelopmentModeLetsAnybodyDoAnything) {
  Serving serving({"--path", "/live"});
  TestClient ada(serving.address());
  ada.upgrade("/live").authenticate(R"({"token":"ada"})");
  EXPECT_THAT(ada.log().back(), HasSubstr(R"("userId":"ada")"));
  TestClient bob(serving.address());
  bob.upgrade("/live").authenticate(R"({"userId":"bob","token":"x"})");
  EXPECT_THAT(bob.log().back(), HasSubstr(R"("userId":"bob")"));
  ada.join("r");
  bob.join("r");
  ada.send(R"({"event":"publish","data":{"room":"r","event":"hi"}})");
  bob.expect("hi");
  TestClient odd(serving.address());
  odd.upgrade("/live").authenticate(R"({"not for Boost.JSON":"\ud800"})");
}

HttpAnswer upgrade_from(const std::string& address, std::string_view host, std::string_view origin) {
  TestClient client(address);
  std::string request = "GET /ws HTTP/1.1\r\nHost: ";
  request.append(host).append("\r\n");
  if (!origin.empty()) request.append("Origin: ").append(origin).append("\r\n");
  request +=
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  client.write(request);
  return client.read_http(false);
}

TEST(Command, DevelopmentModeTakesItsOwnPagesAlone) {
  Serving serving({"--allow-origin", "https://app.example"});
  const std::string& host = serving.address();
  EXPECT_EQ(upgrade_from(host, host, "").status, 101U);
  EXPECT_EQ(upgrade_from(host, host, "http://" + host).status, 101U);
  EXPECT_EQ(upgrade_from(host, host, "http://localhost:5173").status, 101U);
  EXPECT_EQ(upgrade_from(host, host, "https://app.example").status, 101U);
  EXPECT_EQ(upgrade_from(host, "app.example", "https://app.example").status, 101U);
  EXPECT_EQ(upgrade_from(host, host, "https://evil.example").status, 403U);
  // A page of evil.example, whose name has been made to lead here.
  EXPECT_EQ(upgrade_from(host, "evil.example", "http://evil.example").status, 403U);
}

TEST(Command, ASignalIsHeardWhileRedisIsAway) {
  ChildProcess process({command_path(), "serve", "--dev", "--listen", "127.0.0.1:0", "--log-level", "off", "--redis",
                        "redis://127.0.0.1:1"});
  eventually("it to be starting", [&] {
    std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
    const std::string text{std::istreambuf_iterator<char>(status), {}};
    return text.find("Threads:\t1\n") == std::string::npos;
  });
  EXPECT_EQ(process.terminate(), 0);
}

TEST(Command, SighupIsIgnored) {
  Serving serving;
  TestClient client(serving.address());
  client.upgrade().authenticate();
  ::kill(serving.process().pid(), SIGHUP);
  client.round_trip();
  client.drop();  // that it is not waited for
  EXPECT_EQ(serving.process().terminate(), 0);
}

TEST(Command, AUserIdSurvivesDataThatBoostJsonCannotRepresent) {
  Serving serving;
  TestClient client(serving.address());
  client.upgrade().authenticate(R"({"userId":"ann","mood":"\ud83d"})");
  EXPECT_THAT(client.log().back(), HasSubstr(R"("userId":"ann")"));
}

TEST(Command, HoldsMoreClientsThanTheShellAllowsForFirst) {
  constexpr std::size_t kAllowed = 40;
  ChildProcess process({"/bin/sh", "-c", "ulimit -S -n " + std::to_string(kAllowed) + R"(; exec "$0" "$@")",
                        command_path(), "serve", "--dev", "--listen", "127.0.0.1:0", "--log-level", "off"});
  const std::string line = process.read_line();
  ASSERT_THAT(line, StartsWith("listening on "));
  const std::string address = line.substr(line.rfind(' ') + 1);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::size_t i = 0; i < 2 * kAllowed; ++i) {
    clients.push_back(std::make_unique<TestClient>(address));
    clients.back()->upgrade().authenticate();
  }
}

TEST(Command, ServesThePlayground) {
  Serving serving({"--path", "/live"});
  EXPECT_EQ(serving.process().read_line(), "playground: http://" + serving.address() + "/");
  TestClient page(serving.address());
  page.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const HttpAnswer answer = page.read_http();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.body, StartsWith("<!doctype html>"));
  TestClient about(serving.address());
  about.write("GET /hearth.json HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(about.read_http().body, HasSubstr(R"("path":"/live")"));
}

TEST(Command, HasEveryRoomTellWhoIsInIt) {
  Serving serving({"--history", "10", "--presence", "members"});
  TestClient client(serving.address());
  client.upgrade().authenticate_as("ann");
  client.send(R"({"event":"join","data":{"rooms":["tea"],"since":{"tea":null},"presence":["tea"]},"id":"j"})");
  EXPECT_THAT(client.expect("ack"), HasSubstr(R"("positions":{"tea":{)"));
  EXPECT_THAT(client.expect("presence"), HasSubstr(R"("room":"tea")"));
  TestClient about(serving.address());
  about.write("GET /hearth.json HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(about.read_http().body, HasSubstr(R"("presence":true)"));
}

TEST(Command, RefusesAPresenceThatIsNone) {
  EXPECT_THAT(run_command("serve --dev --presence everybody").output,
              HasSubstr("--presence: the value is `everybody`; it has to be `members` or `count`"));
  EXPECT_THAT(run_command("serve --presence count").output,
              HasSubstr("--presence: is for development mode without [[rooms]]; give the rules presence"));
}

}  // namespace
}  // namespace hearth::test
