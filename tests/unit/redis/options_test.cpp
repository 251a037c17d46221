#include "hearth/redis_options.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string complaint(const std::string& url) {
  try {
    RedisOptions::from_url(url);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

std::vector<std::string> hosts(const RedisOptions& options) {
  std::vector<std::string> texts;
  for (const RedisEndpoint& endpoint : options.endpoints) texts.push_back(endpoint.str());
  return texts;
}

TEST(RedisUrl, OneServer) {
  const auto options = RedisOptions::from_url("redis://example.test");
  EXPECT_EQ(options.topology, RedisTopology::single);
  EXPECT_THAT(hosts(options), ElementsAre("example.test:6379"));
  EXPECT_FALSE(options.tls.enabled);
  EXPECT_EQ(options.database, 0U);
}

TEST(RedisUrl, EverythingAServerCanHave) {
  const auto options = RedisOptions::from_url("rediss://us%40er:p%3Aw:x@[::1]:7000/3?name=n&subscriptions=pattern");
  EXPECT_TRUE(options.tls.enabled);
  EXPECT_EQ(options.user, "us@er");
  EXPECT_EQ(options.password, "p:w:x");
  EXPECT_THAT(hosts(options), ElementsAre("[::1]:7000"));
  EXPECT_EQ(options.database, 3U);
  EXPECT_EQ(options.client_name, "n");
  EXPECT_EQ(options.subscriptions, RedisSubscriptions::pattern);
}

TEST(RedisUrl, APasswordWithoutAUser) {
  const auto options = RedisOptions::from_url("redis://:secret@h:1");
  EXPECT_EQ(options.user, "");
  EXPECT_EQ(options.password, "secret");
}

TEST(RedisUrl, AUnixSocket) {
  for (const std::string scheme : {"unix", "redis+unix"}) {
    const auto options = RedisOptions::from_url(scheme + ":///run/a%20b.sock?database=2&password=x");
    EXPECT_THAT(hosts(options), ElementsAre("unix:/run/a b.sock"));
    EXPECT_EQ(options.database, 2U);
    EXPECT_EQ(options.password, "x");
  }
}

TEST(RedisUrl, Sentinels) {
  const auto options = RedisOptions::from_url("redis-sentinel://:pw@a,b:7,[::1]/main/4?sentinel_password=spw");
  EXPECT_EQ(options.topology, RedisTopology::sentinel);
  EXPECT_THAT(hosts(options), ElementsAre("a:26379", "b:7", "[::1]:26379"));
  EXPECT_EQ(options.master_name, "main");
  EXPECT_EQ(options.database, 4U);
  EXPECT_EQ(options.password, "pw");
  EXPECT_EQ(options.sentinel_password, "spw");
}

TEST(RedisUrl, ACluster) {
  const auto options =
      RedisOptions::from_url("rediss-cluster://a:1,b?ca=/ca.pem&cert=/c.pem&key=/k.pem&server_name=n.test");
  EXPECT_EQ(options.topology, RedisTopology::cluster);
  EXPECT_THAT(hosts(options), ElementsAre("a:1", "b:6379"));
  EXPECT_EQ(options.tls.ca_file, "/ca.pem");
  EXPECT_EQ(options.tls.certificate_file, "/c.pem");
  EXPECT_EQ(options.tls.key_file, "/k.pem");
  EXPECT_EQ(options.tls.server_name, "n.test");
}

TEST(RedisUrl, Limits) {
  const auto options =
      RedisOptions::from_url("redis://h?queue_limit=1000&ready_timeout=1&unsubscribe_delay=0&resubscribe_time=7");
  EXPECT_EQ(options.queue_limit, 1000U);
  EXPECT_EQ(options.ready_timeout, std::chrono::milliseconds(1));
  EXPECT_EQ(options.unsubscribe_delay, std::chrono::milliseconds(0));
  EXPECT_EQ(options.resubscribe_time, std::chrono::milliseconds(7));
}

TEST(RedisUrl, SaysWhatPartIsBad) {
  EXPECT_THAT(complaint(""), HasSubstr("it is empty; write redis://"));
  EXPECT_THAT(complaint("localhost:6379"), HasSubstr("no scheme"));
  EXPECT_THAT(complaint("http://h"), HasSubstr("scheme `http`"));
  EXPECT_THAT(complaint("redis://"), HasSubstr("a host is missing"));
  EXPECT_THAT(complaint("redis://:6379"), HasSubstr("a host is missing"));
  EXPECT_THAT(complaint("redis://h:"), HasSubstr("port ``"));
  EXPECT_THAT(complaint("redis://h:0"), HasSubstr("port `0`"));
  EXPECT_THAT(complaint("redis://h:65536"), HasSubstr("port `65536`"));
  EXPECT_THAT(complaint("redis://h:1x"), HasSubstr("port `1x`"));
  EXPECT_THAT(complaint("redis://[::1"), HasSubstr("no closing `]`"));
  EXPECT_THAT(complaint("redis://[::1]7"), HasSubstr("after `]`"));
  EXPECT_THAT(complaint("redis://::1"), HasSubstr("in brackets"));
  EXPECT_THAT(complaint("redis://h/x"), HasSubstr("database `x`"));
  EXPECT_THAT(complaint("redis://h/-1"), HasSubstr("database `-1`"));
  EXPECT_THAT(complaint("redis://a,b"), HasSubstr("several hosts"));
  EXPECT_THAT(complaint("redis://user@h"), HasSubstr("user without a password"));
  EXPECT_THAT(complaint("redis://u:%4@h"), HasSubstr("password has a `%`"));
  EXPECT_THAT(complaint("redis://h?nome=x"), HasSubstr("no option `nome`"));
  EXPECT_THAT(complaint("redis://h?queue_limit=many"), HasSubstr("option queue_limit is no number"));
  EXPECT_THAT(complaint("redis://h?queue_limit=0"), HasSubstr("queue_limit is 0"));
  EXPECT_THAT(complaint("redis://h?subscriptions=all"), HasSubstr("subscriptions is `all`"));
  EXPECT_THAT(complaint("redis://h?cert=/c.pem"), HasSubstr("belong together"));
  EXPECT_THAT(complaint("redis://h?ca=/ca.pem"), HasSubstr("for TLS, which is off"));
  EXPECT_THAT(complaint("redis://h?server_name=n"), HasSubstr("for TLS, which is off"));
  EXPECT_THAT(complaint("redis://h?ready_timeout=99999999999"), HasSubstr("longer than a year"));
  EXPECT_THAT(complaint("redis://h?resubscribe_time=99999999999"), HasSubstr("resubscribe_time is longer than a year"));
  EXPECT_THAT(complaint("redis+unix://run/s"), HasSubstr("whole path"));
  EXPECT_THAT(complaint("redis-sentinel://a"), HasSubstr("names no master"));
  EXPECT_THAT(complaint("redis-cluster://a/1"), HasSubstr("Cluster has no other"));
  EXPECT_THAT(complaint("redis://h?name=a%20b"), HasSubstr("client_name"));
}

TEST(RedisUrl, HasOptionsForTheLogsOfRooms) {
  const auto options =
      RedisOptions::from_url("redis://h?wait_replicas=2&wait_timeout=500&run_id_guard=false&history_meta_ttl=86400000");
  EXPECT_EQ(options.wait_replicas, 2U);
  EXPECT_EQ(options.wait_timeout, std::chrono::milliseconds(500));
  EXPECT_FALSE(options.run_id_guard);
  EXPECT_EQ(options.history_meta_ttl, std::chrono::hours(24));
  EXPECT_TRUE(RedisOptions::from_url("redis://h?run_id_guard=true").run_id_guard);
  EXPECT_THAT(complaint("redis://h?run_id_guard=no"), HasSubstr("run_id_guard is `no`"));
  EXPECT_THAT(complaint("redis://h?wait_replicas=99999999999"), HasSubstr("wait_replicas"));
  EXPECT_THAT(complaint("redis://h?wait_timeout=0"), HasSubstr("wait_timeout"));
  EXPECT_THAT(complaint("redis://h?wait_timeout=5001"), HasSubstr("wait_timeout"));
  EXPECT_THAT(complaint("redis://h?history_meta_ttl=1000"), HasSubstr("history_meta_ttl"));
}

TEST(RedisUrl, ComplaintsKeepThePasswordToThemselves) {
  EXPECT_THAT(complaint("redis://u:hunter2@h:bad"), Not(HasSubstr("hunter2")));
  EXPECT_THAT(complaint("redis://u:hunter2%@h"), Not(HasSubstr("hunter2")));
  for (const std::string& url : std::vector<std::string>{
           "redis://u:hunter2/@h", "redis://u:hunter2?@h", "redis://u:hunter2?a=b@h", "redis://u:1/hunter2@h/0",
           "redis://u:1?hunter2@h", "redis://u:1?subscriptions=hunter2@h", "redis://u:a:hunter2/@h",
           "redis://:hunter2/@h", "redis+unix:///s?a%hunter2@h", "redis+unix:///s?subscriptions=hunter2@h"}) {
    EXPECT_THAT(complaint(url), AllOf(HasSubstr("write %2F"), Not(HasSubstr("hunter2")))) << url;
  }
  EXPECT_EQ(RedisOptions::from_url("redis://h?password=a@b").password, "a@b");
}

}  // namespace
}  // namespace hearth::test
