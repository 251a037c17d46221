#include "unit/config/config_folder.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace hearth::config {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kPublicKey =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAG4wXxD5XjEARBOjtYbIfYxqFzYjfaBoZdzraCQ5rtSg=\n-----END PUBLIC "
    "KEY-----";

/// The folder that relative names count from, for a while.
class WorkingFolder {
 public:
  explicit WorkingFolder(const Path& folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  Path before_;
};

TEST(ConfigLoad, ReadsEveryTypeOfKey) {
  const ConfigFolder folder;
  const Loaded loaded = folder.load(R"(
[server]
listen = ["127.0.0.1:1", "unix:/run/x"]
threads = 3
deflate = true
drain_time = "2m"
[events]
queue = "1MiB"
to = "redis"
[limits]
messages = "10/s burst 20"
bytes = "1MiB/min"
connections = 5
[broker]
url = "redis://h"
unready_after = "never"
[[rooms]]
pattern = "a:*"
join = ["users", "granted"]
slow_consumer = "latest"
history_size = 100
history_ttl = "1h"
publish_events = ["typing"]
presence_limit = 5
presence_interval = "2s"
presence_grace = "3s"
)");
  EXPECT_THAT(folder.problems_of(loaded), IsEmpty());
  const Config& config = loaded.config;
  EXPECT_THAT(config.server.listen, ElementsAre("127.0.0.1:1", "unix:/run/x"));
  EXPECT_EQ(config.server.threads, 3U);
  EXPECT_TRUE(config.server.deflate);
  EXPECT_EQ(config.server.drain_time, 2min);
  EXPECT_EQ(config.events.queue, ByteSize{1 << 20});
  EXPECT_EQ(config.events.to, EventsTo::redis);
  EXPECT_EQ(config.limits.messages, (Rate{10, 1s, 20}));
  EXPECT_EQ(config.limits.bytes, (Rate{1 << 20, 60s, (1 << 20) / 60, Rate::Unit::bytes}));
  EXPECT_EQ(config.limits.connections, 5U);
  EXPECT_EQ(config.broker.unready_after, std::nullopt);
  ASSERT_THAT(config.rooms, SizeIs(1));
  EXPECT_THAT(config.rooms[0].pattern, ElementsAre("a:*"));
  EXPECT_THAT(config.rooms[0].join, ElementsAre("users", "granted"));
  EXPECT_THAT(config.rooms[0].publish, ElementsAre("nobody"));
  EXPECT_EQ(config.rooms[0].slow_consumer, RoomSlowConsumer::latest);
  EXPECT_EQ(config.rooms[0].history_size, 100U);
  EXPECT_EQ(config.rooms[0].history_ttl, 1h);
  EXPECT_EQ(config.rooms[0].presence, RoomPresence::off);
  EXPECT_EQ(config.rooms[0].presence_limit, 5U);
  EXPECT_EQ(config.rooms[0].presence_interval, 2s);
  EXPECT_EQ(config.rooms[0].presence_grace, 3s);
  EXPECT_THAT(*config.rooms[0].publish_events, ElementsAre("typing"));
}

TEST(ConfigLoad, FillsInTheNamesThatAreNotGiven) {
  const ConfigFolder folder;
  const Config config =
      folder.load("[[rooms]]\npattern = [\"a\", \"b\"]\n[[rooms]]\npattern = \"c\"\nname = \"see\"\n").config;
  EXPECT_EQ(config.rooms[0].name, "a");
  EXPECT_EQ(config.rooms[1].name, "see");
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  EXPECT_EQ(config.server.name, host.data());
}

TEST(ConfigLoad, TheFlagGoesBeforeTheVariableBeforeTheFileBeforeTheDefault) {
  const ConfigFolder folder;
  const std::string_view file = "[server]\npath = \"/file\"\nthreads = 1\n[log]\nlevel = \"error\"\n";
  const Loaded loaded =
      folder.load(file, {{"HEARTH_SERVER_PATH", "/variable"}, {"HEARTH_SERVER_THREADS", "2"}}, {{"--path", {"/flag"}}});
  EXPECT_THAT(folder.problems_of(loaded), IsEmpty());
  EXPECT_EQ(loaded.config.server.path, "/flag");
  EXPECT_EQ(loaded.config.server.threads, 2U);
  EXPECT_EQ(loaded.config.log.level, LogLevel::error);
  EXPECT_EQ(loaded.config.limits.connections_per_ip, 256U);
  EXPECT_EQ(loaded.origin_of("server.path").str(), "--path");
  EXPECT_EQ(loaded.origin_of("server.threads").str(), "HEARTH_SERVER_THREADS");
  EXPECT_THAT(loaded.origin_of("log.level").str(), EndsWith("hearth.toml:5:9"));
  EXPECT_EQ(loaded.origin_of("limits.connections_per_ip").str(), "default");
}

TEST(ConfigLoad, SaysAllThatIsWrongInTheOrderOfTheFile) {
  const ConfigFolder folder;
  const std::string_view file = R"([server]
threads = 300
listn = []
[[rooms]]
join = 5
[limits]
messages = "fast"
)";
  EXPECT_THAT(
      folder.problems(file, {{"HEARTH_LOG_LEVEL", "loud"}}, {{"--path", {"ws"}}}),
      ElementsAre("hearth.toml:2:11: server.threads is 300; it goes from 0 to 256",
                  "hearth.toml:3:1: unknown key server.listn; did you mean listen?",
                  "hearth.toml:4:1: rooms.pattern is missing",
                  StartsWith("hearth.toml:5:8: rooms.join is the number 5; give a list of texts"),
                  StartsWith("hearth.toml:7:12: limits.messages is `fast`, no rate; give a whole number and /s"),
                  StartsWith("HEARTH_LOG_LEVEL: log.level is `loud`; give \"trace\", \"debug\""),
                  "--path: server.path is `ws`; a path begins with `/`"));
}

TEST(ConfigLoad, SaysEverythingThatIsWrongInAList) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[server]\nlisten = [\"a\", \"127.0.0.1:1\", \"\", \"b:x\"]\n"),
              ElementsAre(HasSubstr("`a`, without a port"), HasSubstr("has an empty text"), HasSubstr("`b:x`")));
}

TEST(ConfigLoad, FindsTheFileThatIsNamedAndNoOther) {
  const ConfigFolder folder;
  const WorkingFolder here(folder.path());
  folder.write("hearth.toml", "[server]\npath = \"/here\"\n");
  const Path other = folder.write("other.toml", "[server]\npath = \"/other\"\n");
  const Path third = folder.write("third.toml", "[server]\npath = \"/third\"\n");
  EXPECT_EQ(load({}).config.server.path, "/here");
  EXPECT_EQ(load({}).file, "hearth.toml");
  EXPECT_EQ(load({.variables = {{"HEARTH_CONFIG", other}}}).config.server.path, "/other");
  EXPECT_EQ(load({.file = third, .variables = {{"HEARTH_CONFIG", other}}}).config.server.path, "/third");
  EXPECT_EQ(load({.variables = {{"HEARTH_CONFIG", ""}}}).config.server.path, "/here");
  for (const Inputs& inputs :
       {Inputs{.file = "missing.toml"}, Inputs{.variables = {{"HEARTH_CONFIG", "missing.toml"}}}}) {
    const Loaded loaded = load(inputs);
    EXPECT_FALSE(loaded.is_good());
    EXPECT_THAT(folder.problems_of(loaded), ElementsAre("missing.toml: cannot be read: No such file or directory"));
  }
}

TEST(ConfigLoad, WithoutAFileThereIsNoConfigurationUnlessItIsForDevelopment) {
  const ConfigFolder folder;
  const WorkingFolder here(folder.path());
  if (std::filesystem::exists("/etc/hearth/hearth.toml")) GTEST_SKIP() << "this machine has one";
  EXPECT_THAT(folder.problems_of(load({})),
              ElementsAre(AllOf(StartsWith("hearth: there is no configuration"), HasSubstr("hearth config init"))));
  const Loaded dev = load({.variables = {{"HEARTH_SERVER_THREADS", "2"}}, .is_dev = true});
  EXPECT_TRUE(dev.is_good());
  EXPECT_EQ(dev.config.server.threads, 2U);
  EXPECT_EQ(dev.config.encryption.mode, Encryption::optional) << "so that the playground can show it";
  EXPECT_EQ(dev.config.limits.messages.amount + dev.config.limits.connections_per_ip, 0U) << "nor does it limit";
  EXPECT_EQ(dev.config.limits.message_size, ByteSize{128 * 1024});
}

TEST(ConfigLoad, DevelopmentTakesWhatTheFileSays) {
  const ConfigFolder folder;
  const Path file = folder.write("hearth.toml", "[server]\npath = \"/x\"\n");
  const Loaded dev = load({.file = file, .is_dev = true});
  EXPECT_EQ(dev.config.server.path, "/x");
  EXPECT_EQ(dev.config.encryption.mode, Encryption::off);
  EXPECT_EQ(dev.config.limits.messages, (Rate{50, 1s, 200}));
}

TEST(ConfigLoad, WhatIsNoFileIsSaid) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems_of(load({.file = folder.path()})), ElementsAre(HasSubstr("is a directory")));
  EXPECT_THAT(folder.problems(std::string(1024 * 1024 + 1, '#')), ElementsAre("hearth.toml: is longer than 1 MiB"));
  EXPECT_THAT(folder.problems(std::string(1024 * 1024, '#')), IsEmpty());
}

TEST(ConfigLoad, SecretsComeFromFilesBesideTheConfiguration) {
  const ConfigFolder folder;
  folder.write("secret", std::string(kSecret) + "\n");
  folder.write("old", "old-secret-of-the-backend\nnew-secret-of-the-backend\n\n");
  folder.write("key.pem", std::string(kPublicKey) + "\n\n");
  const Loaded loaded = folder.load(R"(
[[auth.jwt]]
secret_file = "secret"
algorithms = ["HS256"]
issuer = "a"
[[auth.jwt]]
public_key_file = "key.pem"
algorithms = ["EdDSA"]
issuer = "b"
[backend]
url = "https://a"
secret_file = "old"
)");
  EXPECT_THAT(folder.problems_of(loaded), IsEmpty());
  EXPECT_THAT(loaded.config.auth.jwt[0].secret, ElementsAre(kSecret));
  EXPECT_EQ(loaded.config.auth.jwt[1].public_key, kPublicKey);
  EXPECT_THAT(loaded.config.backend.secret, ElementsAre("old-secret-of-the-backend", "new-secret-of-the-backend"));
}

TEST(ConfigLoad, TheSourceThatComesFirstDecidesBetweenASecretAndItsFile) {
  const ConfigFolder folder;
  const Path file = folder.write("url", "redis://from-file");
  const Variables variables{{"HEARTH_BROKER_URL_FILE", file}};
  EXPECT_EQ(folder.load("[broker]\nurl = \"redis://plain\"\n", variables).config.broker.url, "redis://from-file");
  EXPECT_EQ(folder.load("", variables, {{"--redis", {"redis://flag"}}}).config.broker.url, "redis://flag");
  EXPECT_THAT(folder.problems("[broker]\nurl = \"redis://plain\"\nurl_file = \"url\"\n"),
              ElementsAre("hearth.toml:3:12: broker.url is given both as it is and by url_file"));
}

TEST(ConfigLoad, WhatIsWrongWithTheFileOfASecretIsSaidWithoutTheSecret) {
  const ConfigFolder folder;
  folder.write("short", "s3cret");
  folder.write("long", std::string(65'537, 'x'));
  const auto problems = [&](const std::string& name) {
    return folder.problems("[backend]\nurl = \"https://a\"\nsecret_file = \"" + name + "\"\n");
  };
  EXPECT_THAT(problems("missing"), ElementsAre("hearth.toml:3:15: backend.secret_file is `missing`, which cannot be "
                                               "read: No such file or directory"));
  EXPECT_THAT(problems("short"), ElementsAre("hearth.toml:3:15: backend.secret is 6 bytes; it needs at least 24"));
  EXPECT_THAT(problems("long"), ElementsAre(HasSubstr("backend.secret_file is `long`, which is longer than 64 KiB")));
}

TEST(ConfigLoad, FilesThatEverybodyMayReadAreWarnedOf) {
  const ConfigFolder folder;
  folder.write("secret", kSecret, 0644);
  const std::string_view by_file = "[[auth.jwt]]\nsecret_file = \"secret\"\nalgorithms = [\"HS256\"]\n";
  EXPECT_THAT(folder.problems(by_file), ElementsAre("hearth.toml:2:15: warning: secret may be read by every user of "
                                                    "this machine (mode 0644); chmod o= secret"));
  EXPECT_TRUE(folder.load(by_file).is_good());

  const std::string_view by_public_file = "[[auth.jwt]]\npublic_key_file = \"pem\"\nalgorithms = [\"EdDSA\"]\n";
  folder.write("pem", kPublicKey, 0644);
  EXPECT_THAT(folder.problems(by_public_file), IsEmpty()) << "everybody may read it";
  folder.write("pem", kPublicKey, 0666);
  EXPECT_THAT(folder.problems(by_public_file), ElementsAre(HasSubstr("pem may be changed by every user")));

  const std::string plain = "[[auth.jwt]]\nsecret = \"" + std::string(kSecret) + "\"\nalgorithms = [\"HS256\"]\n";
  EXPECT_THAT(folder.problems(plain), IsEmpty());
  const Path open = folder.write("open.toml", plain, 0604);
  EXPECT_THAT(folder.problems_of(load({.file = open})),
              ElementsAre(AllOf(StartsWith("open.toml: warning: it has a secret in it and may be read"))));
  const Path group = folder.write("group.toml", plain, 0640);
  EXPECT_THAT(folder.problems_of(load({.file = group})), IsEmpty());
  const Path none = folder.write("none.toml", "[server]\n", 0644);
  EXPECT_THAT(folder.problems_of(load({.file = none})), IsEmpty()) << "there is nothing to hide";
}

TEST(ConfigLoad, FilesOfTheConfigurationCountFromItsFolderAndThoseOfVariablesFromHere) {
  const ConfigFolder folder;
  folder.write("ca.pem", "x");
  const Loaded in_file = folder.load("[backend]\nca = \"ca.pem\"\n[log]\nfile = \"hearth.log\"\n");
  EXPECT_THAT(folder.problems_of(in_file), IsEmpty());
  EXPECT_EQ(in_file.config.backend.ca, folder.path() / "ca.pem");
  EXPECT_EQ(in_file.config.log.file, folder.path() / "hearth.log") << "which need not be there";
  EXPECT_THAT(folder.problems("", {{"HEARTH_BACKEND_CA", "ca.pem"}}), ElementsAre(HasSubstr("cannot be read")));
}

TEST(ConfigLoad, NoProblemShowsASecret) {
  const ConfigFolder folder;
  const std::string_view file = R"(
[[auth.jwt]]
secret = ["s3cret", "s3cret-too"]
algorithms = ["HS256"]
[backend]
url = "https://u:s3cret@a"
secret = "s3cret"
[broker]
url = "redis://:s3cret@h:x"
[[api.keys]]
name = "x"
key = "s3cret"
)";
  const auto problems = folder.problems(file);
  EXPECT_THAT(problems, SizeIs(6));
  for (const std::string& problem : problems) EXPECT_THAT(problem, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace hearth::config
