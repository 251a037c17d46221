#include "config/schema.hpp"
#include "config/sources.hpp"

#include <gmock/gmock.h>

#include <set>

namespace hearth::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What variables give, over a file.
struct FromEnvironment {
  explicit FromEnvironment(const Variables& variables, std::string_view file = {}) {
    if (!file.empty()) add_file(settings, problems, file, "hearth.toml");
    add_environment(settings, problems, variables);
  }

  std::vector<std::string> said() const {
    std::vector<std::string> all;
    for (const Problem& problem : problems) all.push_back(problem.str());
    return all;
  }
  template <class T>
  T value(const std::string& path) const {
    return std::get<T>(settings.find(path)->value);
  }

  Settings settings;
  Problems problems;
};

using Texts = std::vector<std::string>;

TEST(ConfigEnvironment, NamesKeysBySectionAndName) {
  const FromEnvironment all(Variables{{"HEARTH_SERVER_PATH", "/live"},
                                      {"HEARTH_SERVER_TLS_MIN_VERSION", "1.3"},
                                      {"HEARTH_SERVER_DRAIN_TIME", "5s"},
                                      {"PATH", "/bin"}});
  EXPECT_THAT(all.said(), IsEmpty());
  EXPECT_EQ(all.value<std::string>("server.path"), "/live");
  EXPECT_EQ(all.value<std::string>("server.tls.min_version"), "1.3");
  EXPECT_EQ(all.settings.find("server.drain_time")->origin.str(), "HEARTH_SERVER_DRAIN_TIME");
}

TEST(ConfigEnvironment, ReadsTextAsWhatTheKeyTakes) {
  const FromEnvironment all(Variables{{"HEARTH_SERVER_THREADS", "4"},
                                      {"HEARTH_SERVER_DEFLATE", "true"},
                                      {"HEARTH_SERVER_LISTEN", "127.0.0.1:1, [::1]:2"},
                                      {"HEARTH_AUTH_HEADERS", R"(["cookie", "x-y"])"},
                                      {"HEARTH_SERVER_TRUSTED_PROXIES", ""}});
  EXPECT_THAT(all.said(), IsEmpty());
  EXPECT_EQ(all.value<std::int64_t>("server.threads"), 4);
  EXPECT_TRUE(all.value<bool>("server.deflate"));
  EXPECT_THAT(all.value<Texts>("server.listen"), ElementsAre("127.0.0.1:1", "[::1]:2"));
  EXPECT_THAT(all.value<Texts>("auth.headers"), ElementsAre("cookie", "x-y"));
  EXPECT_THAT(all.value<Texts>("server.trusted_proxies"), IsEmpty());
}

TEST(ConfigEnvironment, ATextThatMayBeAListIsOneTextUnlessItIsJson) {
  const FromEnvironment all(Variables{{"HEARTH_BACKEND_SECRET", "one,with a comma"}});
  EXPECT_EQ(all.value<std::string>("backend.secret"), "one,with a comma");
  const FromEnvironment list(Variables{{"HEARTH_BACKEND_SECRET", R"(["new", "old"])"}});
  EXPECT_THAT(list.value<Texts>("backend.secret"), ElementsAre("new", "old"));
}

TEST(ConfigEnvironment, WhatDoesNotFitIsKeptForTheKeyToComplainOf) {
  const FromEnvironment all(Variables{{"HEARTH_SERVER_THREADS", "many"},
                                      {"HEARTH_SERVER_DEFLATE", "yes"},
                                      {"HEARTH_SERVER_LISTEN", "[1"},
                                      {"HEARTH_AUTH_HEADERS", "[1]"}});
  EXPECT_EQ(all.value<std::string>("server.threads"), "many");
  EXPECT_EQ(all.value<std::string>("server.deflate"), "yes");
  EXPECT_EQ(all.value<Unfit>("server.listen").what, "no valid JSON");
  EXPECT_EQ(all.value<Unfit>("auth.headers").what, "a list with something else than texts in it");
}

TEST(ConfigEnvironment, NumbersEntriesOfLists) {
  const FromEnvironment all(Variables{{"HEARTH_AUTH_JWT_0_SECRET", "x"},
                                      {"HEARTH_AUTH_JWT_1_JWKS_URL", "y"},
                                      {"HEARTH_SERVER_TLS_CERTIFICATES_0_CERT", "z"}});
  EXPECT_THAT(all.said(), IsEmpty());
  EXPECT_EQ(all.settings.entries("auth.jwt"), 2U);
  EXPECT_EQ(all.value<std::string>("auth.jwt[1].jwks_url"), "y");
  EXPECT_EQ(all.value<std::string>("server.tls.certificates[0].cert"), "z");
}

TEST(ConfigEnvironment, AddsToTheEntriesOfTheFileAndReplacesTheirKeys) {
  const FromEnvironment all(Variables{{"HEARTH_ROOMS_0_JOIN", "users"}, {"HEARTH_ROOMS_1_PATTERN", "b"}},
                            "[[rooms]]\npattern = \"a\"\njoin = \"anyone\"\n");
  EXPECT_THAT(all.said(), IsEmpty());
  EXPECT_EQ(all.settings.entries("rooms"), 2U);
  EXPECT_EQ(all.value<std::string>("rooms[0].join"), "users");
  EXPECT_EQ(all.value<std::string>("rooms[0].pattern"), "a");
}

TEST(ConfigEnvironment, ANumberLeftOutIsAProblem) {
  const FromEnvironment all(Variables{{"HEARTH_ROOMS_3_PATTERN", "x"}}, "[[rooms]]\npattern = \"a\"\n");
  EXPECT_THAT(all.said(), ElementsAre("HEARTH_ROOMS_3_PATTERN: is for entry 3 of rooms, and there is no 1; entries "
                                      "count from 0"));
  EXPECT_EQ(all.settings.entries("rooms"), 1U);
}

TEST(ConfigEnvironment, SecretsMayComeFromFiles) {
  const FromEnvironment all(
      Variables{{"HEARTH_BROKER_URL_FILE", "/run/redis"}, {"HEARTH_API_KEYS_0_KEY_FILE", "/run/key"}});
  EXPECT_THAT(all.said(), IsEmpty());
  EXPECT_EQ(all.value<std::string>("broker.url_file"), "/run/redis");
  EXPECT_EQ(all.value<std::string>("api.keys[0].key_file"), "/run/key");
}

TEST(ConfigEnvironment, UnknownVariablesAreProblemsWithWhatWasMeant) {
  EXPECT_THAT(FromEnvironment(Variables{{"HEARTH_SERVER_PAHT", "/"}}).said(),
              ElementsAre("HEARTH_SERVER_PAHT: unknown variable; did you mean HEARTH_SERVER_PATH?"));
  EXPECT_THAT(FromEnvironment(Variables{{"HEARTH_AUTH_JWT_SECRET", "x"}}).said(),
              ElementsAre("HEARTH_AUTH_JWT_SECRET: unknown variable; did you mean HEARTH_AUTH_JWT_0_SECRET?"));
  EXPECT_THAT(FromEnvironment(Variables{{"HEARTH_DOES_NOT_KNOW_THIS_ONE", "x"}}).said(),
              ElementsAre("HEARTH_DOES_NOT_KNOW_THIS_ONE: unknown variable; `hearth config keys` shows the keys there "
                          "are"));
  for (const std::string variable :
       {"HEARTH_", "HEARTH_SERVER", "HEARTH_ROOMS", "HEARTH_ROOMS_0", "HEARTH_ROOMS_X_NAME",
        "HEARTH_ROOMS_99999999999999999999_NAME", "HEARTH_SERVER_PATH_FILE", "HEARTH_server_path"}) {
    EXPECT_THAT(FromEnvironment(Variables{{variable, "x"}}).said(), testing::SizeIs(1)) << variable;
  }
}

TEST(ConfigEnvironment, WhatOthersUseIsLeftAlone) {
  EXPECT_THAT(FromEnvironment(Variables{{"HEARTH_CONFIG", "x"},
                                        {"HEARTH_API", "x"},
                                        {"HEARTH_API_KEY", "x"},
                                        {"HEARTH_REDIS", "x"},
                                        {"HEARTH_SERVICE_HOST", "10.0.0.1"},
                                        {"HEARTH_SERVICE_PORT_WS", "80"},
                                        {"HEARTH_PORT", "tcp://10.0.0.1:80"},
                                        {"HEARTH_PORT_80_TCP_ADDR", "10.0.0.1"}})
                  .said(),
              IsEmpty());
  EXPECT_THAT(FromEnvironment(Variables{{"HEARTH_PORTS", "x"}}).said(), testing::SizeIs(1));
}

void add_paths(const Node& node, const std::string& path, std::vector<std::string>& paths) {
  for (const Node& child : node.children) {
    const std::string at = path + (path.empty() ? "" : ".") + child.name;
    if (child.kind == Node::Kind::key) paths.push_back(at);
    if (child.secret) paths.push_back(at + "_file");
    add_paths(child, child.kind == Node::Kind::list ? at + "[0]" : at, paths);
  }
}

TEST(ConfigEnvironment, EveryKeyHasAVariableOfItsOwn) {
  std::vector<std::string> paths;
  add_paths(schema(), {}, paths);
  EXPECT_GT(paths.size(), 80U);
  std::set<std::string> variables;
  for (const std::string& path : paths) {
    const std::string variable = variable_of(path);
    EXPECT_TRUE(variables.insert(variable).second) << variable;
    const FromEnvironment one(Variables{{variable, "x"}});
    EXPECT_THAT(one.said(), IsEmpty());
    EXPECT_NE(one.settings.find(path), nullptr) << variable << " is not " << path;
  }
}

}  // namespace
}  // namespace hearth::config
