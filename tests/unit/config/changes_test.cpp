#include "config/changes.hpp"

#include <gmock/gmock.h>

namespace hearth::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> named(const std::vector<Change>& changes) {
  std::vector<std::string> all;
  for (const Change& change : changes) all.push_back(change.path + (change.needs_restart ? " restart" : ""));
  return all;
}

TEST(ConfigChanges, OfTheSameAreNone) {
  Config config;
  config.rooms.push_back({.pattern = {"a"}});
  EXPECT_THAT(changes_between(config, config), IsEmpty());
}

TEST(ConfigChanges, NameTheKeysAndWhetherTheyNeedARestart) {
  Config fresh;
  fresh.server.listen = {"127.0.0.1:1"};
  fresh.server.drain_time = milliseconds(1);
  fresh.broker.url = "redis://h";
  fresh.limits.messages = {1, std::chrono::seconds(1), 1};
  EXPECT_THAT(named(changes_between({}, fresh)),
              ElementsAre("server.listen restart", "server.drain_time", "broker.url restart", "limits.messages"));
  EXPECT_THAT(keys_that_need_restart({}, fresh), ElementsAre("server.listen", "broker.url"));
  EXPECT_THAT(keys_that_need_restart(fresh, {}), ElementsAre("server.listen", "broker.url"));
}

TEST(ConfigChanges, RulesIssuersAndKeysNeedNoRestart) {
  Config running;
  running.rooms.push_back({.pattern = {"a"}});
  running.auth.jwt.push_back({.secret = {"old"}});
  Config fresh = running;
  fresh.rooms.insert(fresh.rooms.begin(), {.pattern = {"b"}});
  fresh.auth.jwt[0].secret = {"new"};
  fresh.api.keys.push_back({"a", "b"});
  EXPECT_THAT(keys_that_need_restart(running, fresh), IsEmpty());
  const auto changes = named(changes_between(running, fresh));
  EXPECT_THAT(changes, testing::IsSupersetOf({"auth.jwt.secret", "rooms.pattern", "api.keys.key"}));
  const auto removed = named(changes_between(fresh, running));
  EXPECT_THAT(removed, testing::IsSupersetOf({"rooms.pattern", "api.keys.name"}));
}

TEST(ConfigChanges, AnEntryThatIsNewChangesWhatItSays) {
  Config fresh;
  fresh.rooms.push_back({.pattern = {"a"}, .join = {"anyone"}});
  EXPECT_THAT(named(changes_between({}, fresh)), ElementsAre("rooms.pattern", "rooms.join"));
  EXPECT_THAT(named(changes_between(fresh, {})), ElementsAre("rooms.pattern", "rooms.join"));
}

}  // namespace
}  // namespace hearth::config
