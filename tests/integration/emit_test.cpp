// `hearth emit`, with a Redis of the tests' own and an instance that listens.

#include "broker/probe.hpp"
#include "hearth/redis_broker.hpp"
#include "support/child_process.hpp"
#include "support/command.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Emit : testing::Test {
  const RedisServer redis;
  Probe listener{make_redis_broker(redis.url())};
  Probe other{make_redis_broker(redis.url())};

  Emit() {
    listener.start();
    other.start();
    for (const BrokerAddress& address : {client("5"), user("ann"), room("lobby"), room("the lobby")}) {
      listener.subscribe(address);
    }
  }

  CommandEnd emit(const std::string& arguments, const std::string& before = {}) const {
    return run_command("emit " + arguments + " --redis " + redis.url(), before);
  }
  /// For a user who may do anything but publish.
  std::string url_without_publish() const {
    redis.command({"ACL", "SETUSER", "some", "on", ">pw", "+@all", "&*", "-publish"});
    return "redis://some:pw@127.0.0.1:" + std::to_string(redis.port());
  }
  /// What has come through until now.
  std::vector<std::string> heard() const {
    other.flush_to(listener);
    return listener.taken();
  }
  std::string file(const std::string& content) const {
    const std::string path = redis.directory() / "content.json";
    std::ofstream(path) << content;
    return path;
  }
};

TEST_F(Emit, SendsToEveryKindOfTarget) {
  for (const std::string_view arguments :
       {R"(client 5 news '{"text":1}')", R"(user ann news '[1, "two"]')", "room 'the lobby' news", "broadcast news 1.0",
        R"(room lobby news '"grüß"')"}) {
    const CommandEnd end = emit(std::string(arguments));
    EXPECT_EQ(end.status, 0) << arguments;
    EXPECT_THAT(end.output, IsEmpty());
  }
  EXPECT_THAT(heard(), ElementsAre(R"(client 5 news {"text":1})", R"(user ann news [1, "two"])", "room the lobby news",
                                   "everybody  news 1.0", R"(room lobby news "grüß")"));
}

TEST_F(Emit, LeavesOutWhoIsExcluded) {
  EXPECT_EQ(emit("room lobby news 1 --exclude a --exclude b").status, 0);
  EXPECT_EQ(emit("broadcast news 2 --exclude=a").status, 0);
  EXPECT_EQ(emit("--exclude a room lobby news '[3]'").status, 0);
  EXPECT_THAT(heard(), ElementsAre("room lobby news 1 -a -b", "everybody  news 2 -a", "room lobby news [3] -a"));
}

TEST_F(Emit, ReadsTheJsonFromAFileOrFromStandardInput) {
  const std::string json = "{\n  \"text\": \"from a file\"\n}";
  EXPECT_EQ(emit("room lobby news --file " + file(json + '\n')).status, 0);
  EXPECT_EQ(emit("room lobby news --file -", R"(printf '{"text":"piped"}' |)").status, 0);
  EXPECT_EQ(emit("room lobby news --file - </dev/null").status, 0);
  EXPECT_THAT(heard(),
              ElementsAre("room lobby news " + json, R"(room lobby news {"text":"piped"})", "room lobby news"));
}

TEST_F(Emit, SendsOneMessageForEachLine) {
  EXPECT_EQ(emit("room lobby line --lines", R"(printf '1\n\n"two"\r\n   \n{"three":3}' |)").status, 0);
  EXPECT_EQ(emit("room lobby line --lines --exclude a --file " + file("4\n5\n")).status, 0);
  EXPECT_THAT(heard(), ElementsAre("room lobby line 1", "room lobby line \"two\"", "room lobby line {\"three\":3}",
                                   "room lobby line 4 -a", "room lobby line 5 -a"));
}

TEST_F(Emit, KeepsTheOrderOfManyLines) {
  EXPECT_EQ(emit("room lobby line --lines", "seq 1 20000 |").status, 0);
  const auto lines = heard();
  ASSERT_EQ(lines.size(), 20'000U);
  for (std::size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(lines[i], "room lobby line " + std::to_string(i + 1));
}

TEST_F(Emit, NamesTheLinesThatAreNoJsonAndSendsTheOthers) {
  const CommandEnd end = emit("room lobby line --lines", R"(printf '1\n\n{bad\n2\n"\n3' |)");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output,
              AllOf(HasSubstr("line 3: it is not valid JSON"), HasSubstr("line 5: "), Not(HasSubstr("line 4"))));
  EXPECT_THAT(heard(), ElementsAre("room lobby line 1", "room lobby line 2", "room lobby line 3"));
}

TEST_F(Emit, NamesTheLinesThatRedisDidNotTake) {
  const CommandEnd end = run_command("emit room lobby line --lines --redis " + url_without_publish(), "seq 1 2 |");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output, AllOf(HasSubstr("line 1: NOPERM"), HasSubstr("line 2: NOPERM")));
}

TEST_F(Emit, SaysWhatWasRefusedWhileTheInputGoesOn) {
  const std::string path = redis.directory() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const net::FileDescriptor input(::open(path.c_str(), O_RDWR | O_CLOEXEC));  // its end does not come
  ChildProcess process({"/bin/sh", "-c", R"(exec "$0" "$@" <)" + path + " 2>&1", command_path(), "emit", "room",
                        "lobby", "line", "--lines", "--redis", url_without_publish()});
  for (const auto& [line, said] : {std::pair<std::string_view, std::string>("1\n", "line 1: NOPERM"),
                                   {"{bad\n", "line 2: it is not valid JSON"},
                                   {"3\n", "line 3: NOPERM"}}) {
    ASSERT_EQ(::write(input.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
    EXPECT_THAT(process.read_line(), HasSubstr(said));
  }
}

TEST_F(Emit, AByteOrderMarkAtTheStartIsNoError) {
  EXPECT_EQ(emit("room lobby line --lines", R"(printf '\357\273\2771\n2\n' |)").status, 0);
  EXPECT_EQ(emit("room lobby line --file " + file("\xEF\xBB\xBF"
                                                  "3"))
                .status,
            0);
  const CommandEnd later = emit("room lobby line --lines", R"(printf '4\n\357\273\2775\n' |)");
  EXPECT_EQ(later.status, 1) << "it is one at the start alone";
  EXPECT_THAT(later.output, HasSubstr("line 2: it is not valid JSON"));
  EXPECT_THAT(heard(), ElementsAre("room lobby line 1", "room lobby line 2", "room lobby line 3", "room lobby line 4"));
}

TEST_F(Emit, TakesTheUrlFromTheEnvironment) {
  EXPECT_EQ(run_command("emit room lobby news 1", "HEARTH_REDIS=" + redis.url()).status, 0);
  EXPECT_EQ(emit("room lobby news 2", "HEARTH_REDIS=redis://127.0.0.1:1").status, 0) << "--redis comes first";
  EXPECT_THAT(heard(), ElementsAre("room lobby news 1", "room lobby news 2"));
}

TEST_F(Emit, SaysWhatFileCannotBeRead) {
  for (const std::string_view lines : {"", " --lines"}) {
    for (const std::string_view path : {"/no/such/file", "/"}) {
      const CommandEnd end = emit("room lobby news --file " + std::string(path) + std::string(lines));
      EXPECT_EQ(end.status, 1) << path << lines;
      EXPECT_THAT(end.output, HasSubstr("cannot read " + std::string(path) + '\n'));
    }
  }
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(Emit, SendsNothingThatIsNoJson) {
  for (const CommandEnd& end : {emit("room lobby news hello"), emit("room lobby news --file -", "printf hello |")}) {
    EXPECT_EQ(end.status, 2);
    EXPECT_THAT(end.output, HasSubstr("is not valid JSON"));
  }
  EXPECT_THAT(heard(), IsEmpty());
}

TEST(EmitWithoutRedis, SaysThatNobodyListens) {
  const std::string host = "127.0.0.1:" + std::to_string(free_port());
  const CommandEnd end = run_command("emit room lobby news --redis 'redis://u:s3cret@" + host + "?ready_timeout=200'");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output,
              HasSubstr("Redis client did not become ready within 200ms (" + host + ": Connection refused)"));
  EXPECT_THAT(end.output, Not(HasSubstr("s3cret")));
}

TEST(EmitWithoutRedis, SaysThatThePasswordIsWrong) {
  const RedisServer redis({"--requirepass", "right"});
  const std::string host = "127.0.0.1:" + std::to_string(redis.port());
  const CommandEnd end = run_command("emit room lobby news --redis 'redis://:s3cret@" + host + "?ready_timeout=200'");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output, AllOf(HasSubstr("AUTH was refused: \"WRONGPASS"), Not(HasSubstr("s3cret"))));
}

TEST(EmitWithoutRedis, NamesTheArgumentThatIsWrong) {
  for (const auto& [arguments, named] :
       std::vector<std::pair<std::string, std::string>>{{"", "kind"},
                                                        {"herd lobby news", "herd"},
                                                        {"room lobby", "the event is missing"},
                                                        {"room '' news", "the target is empty"},
                                                        {"broadcast ''", "the event is empty"},
                                                        {"broadcast news 1 2", "`2` is one argument too many"},
                                                        {"room lobby news 1 2", "2"},
                                                        {"room lobby news 1 --lines", "--lines"},
                                                        {"room lobby news 1 --file -", "--file"},
                                                        {"client 5 news --exclude a", "--exclude"},
                                                        {"user ann news --exclude a", "--exclude"},
                                                        {"room lobby news --exclude", "--exclude"},
                                                        {"room lobby news --loud", "--loud"}}) {
    const CommandEnd end = run_command("emit " + arguments, "HEARTH_REDIS=redis://:s3cret@127.0.0.1:1");
    EXPECT_EQ(end.status, 2) << arguments;
    EXPECT_THAT(end.output, AllOf(HasSubstr(named), Not(HasSubstr("s3cret")))) << arguments;
  }
  for (const std::string_view before : {"env -u HEARTH_REDIS", "HEARTH_REDIS="}) {
    const CommandEnd nowhere = run_command("emit room lobby news", std::string(before));
    EXPECT_EQ(nowhere.status, 2);
    EXPECT_THAT(nowhere.output, HasSubstr("--redis"));
  }
  const CommandEnd empty = run_command("emit room lobby news --redis ''");
  EXPECT_EQ(empty.status, 2);
  EXPECT_THAT(empty.output, HasSubstr("--redis: the URL is empty; write redis://"));
}

TEST(EmitWithoutRedis, NamesThePartOfTheUrlThatIsWrong) {
  for (const auto& [url, named] :
       std::vector<std::pair<std::string, std::string>>{{"127.0.0.1:6379", "it has no scheme"},
                                                        {"http://127.0.0.1", "the scheme `http`"},
                                                        {"redis://:s3cret@", "a host is missing"},
                                                        {"redis://:s3cret@h:x", "the port `x`"},
                                                        {"redis://u:s3cret@h/db", "the database `db`"},
                                                        {"redis://u:s3cret%@h", "the password has a `%`"},
                                                        {"redis://u:s3cret/@h", "write %2F"},
                                                        {"redis://u:s3cret@h?loud=1", "there is no option `loud`"}}) {
    const CommandEnd end = run_command("emit room lobby news --redis '" + url + '\'');
    EXPECT_EQ(end.status, 2) << url;
    EXPECT_THAT(end.output, AllOf(HasSubstr("Redis URL: "), HasSubstr(named), Not(HasSubstr("s3cret")))) << url;
  }
}

TEST(EmitWithoutRedis, HelpDoesNotShowTheUrlOfTheEnvironment) {
  const CommandEnd help = run_command("emit --help", "HEARTH_REDIS=redis://:s3cret@127.0.0.1:1");
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("HEARTH_REDIS"), Not(HasSubstr("s3cret"))));
}

}  // namespace
}  // namespace hearth::test
