// The Redis broker over TLS, with Sentinels and with a Cluster, against processes of the tests' own.

#include "broker/probe.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace hearth::test {
namespace {

using testing::HasSubstr;

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

/// An authority, and certificates that it has signed for the server and for a client.
class Certificates {
 public:
  Certificates() {
    make_key("ca");
    run("openssl req -x509 -new -key " + file("ca.key") + " -subj /CN=test-ca -days 2 -out " + file("ca.crt"));
    sign("server", "subjectAltName=IP:127.0.0.1,DNS:localhost");
    sign("client", "subjectAltName=DNS:elsewhere.test");
  }
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

 private:
  void make_key(const std::string& name) const {
    run("openssl ecparam -name prime256v1 -genkey -noout -out " + file(name + ".key") + " 2>/dev/null");
  }
  void sign(const std::string& name, const std::string& extension) const {
    make_key(name);
    std::ofstream(file(name + ".ext")) << extension << '\n';
    run("openssl req -new -key " + file(name + ".key") + " -subj /CN=" + name + " -out " + file(name + ".csr"));
    run("openssl x509 -req -in " + file(name + ".csr") + " -CA " + file("ca.crt") + " -CAkey " + file("ca.key") +
        " -CAcreateserial -days 2 -extfile " + file(name + ".ext") + " -out " + file(name + ".crt") + " 2>/dev/null");
  }

  TemporaryDirectory directory_;
};

struct RedisTls : testing::Test {
  const Certificates certificates;
  const std::uint16_t tls_port = free_port();
  const RedisServer server{{"--tls-port", std::to_string(tls_port), "--tls-cert-file", certificates.file("server.crt"),
                            "--tls-key-file", certificates.file("server.key"), "--tls-ca-cert-file",
                            certificates.file("ca.crt"), "--tls-auth-clients", "yes"}};

  std::string url(const std::string& options) const {
    return "rediss://127.0.0.1:" + std::to_string(tls_port) + "?ready_timeout=500" + options;
  }
  std::string with_client_certificate() const {
    return "&cert=" + certificates.file("client.crt") + "&key=" + certificates.file("client.key");
  }
  static std::string failure_of(const std::string& url) {
    Probe probe(make_redis_broker(url));
    try {
      probe.start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it did not fail";
  }
};

TEST_F(RedisTls, JoinsWithACertificateOnEachSide) {
  const std::string good = "rediss://127.0.0.1:" + std::to_string(tls_port) + "?ca=" + certificates.file("ca.crt") +
                           with_client_certificate();
  Probe one(make_redis_broker(good));
  Probe other(make_redis_broker(good));
  one.start();
  other.start();
  other.subscribe(room("r"));
  const std::string data = '"' + std::string(std::size_t{1} << 20, 'x') + '"';
  one.publish(room("r"), "over TLS", data);
  one.flush_to(other);
  EXPECT_THAT(other.taken(), testing::ElementsAre("room r over TLS " + data));
}

TEST_F(RedisTls, AServerOfAnUnknownAuthorityIsNotTrusted) {
  EXPECT_THAT(failure_of(url(with_client_certificate())), HasSubstr("certificate verify failed"));
}

TEST_F(RedisTls, AServerOfAnotherNameIsNotTrusted) {
  const std::uint16_t port = free_port();
  const RedisServer elsewhere({"--tls-port", std::to_string(port), "--tls-cert-file", certificates.file("client.crt"),
                               "--tls-key-file", certificates.file("client.key"), "--tls-ca-cert-file",
                               certificates.file("ca.crt")});
  EXPECT_THAT(failure_of("rediss://127.0.0.1:" + std::to_string(port) +
                         "?ready_timeout=500&ca=" + certificates.file("ca.crt") + with_client_certificate()),
              HasSubstr("certificate verify failed"));
}

TEST_F(RedisTls, WithoutACertificateOfOursTheServerRefuses) {
  EXPECT_THAT(failure_of(url("&ca=" + certificates.file("ca.crt"))), HasSubstr("did not become ready within 500ms"));
}

TEST_F(RedisTls, AFileThatIsMissingIsNamed) {
  try {
    make_redis_broker(url("&ca=/no/such/file"));
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("tls.ca_file `/no/such/file`"));
  }
}

/// redis-server with --sentinel, watching one master.
class Sentinel {
 public:
  explicit Sentinel(std::uint16_t master) {
    const std::string path = (directory_.path() / "sentinel.conf").string();
    std::ofstream(path) << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_.path().string() << "\nlogfile "
                        << (directory_.path() / "log").string() << "\nsentinel monitor main 127.0.0.1 " << master
                        << " 2\nsentinel down-after-milliseconds main 500\n"
                        << "sentinel failover-timeout main 3000\nsentinel parallel-syncs main 1\n";
    process_.emplace(std::vector<std::string>{"/usr/bin/redis-server", path, "--sentinel"});
    eventually("the Sentinel to answer", [&] {
      try {
        return ask_redis(port_, {"PING"}).text() == "PONG";
      } catch (const std::exception&) {
        return false;
      }
    });
  }
  std::uint16_t port() const { return port_; }
  redis::RespReply ask(std::initializer_list<std::string_view> arguments) const { return ask_redis(port_, arguments); }

 private:
  const std::uint16_t port_ = free_port();
  const TemporaryDirectory directory_;
  std::optional<ChildProcess> process_;
};

struct RedisSentinel : testing::Test {
  RedisServer master;
  RedisServer replica{{"--replicaof", "127.0.0.1 " + std::to_string(master.port())}};
  const Sentinel first{master.port()};
  const Sentinel second{master.port()};
  const Sentinel third{master.port()};

  void SetUp() override {
    for (const Sentinel* sentinel : {&first, &second, &third}) {
      eventually("the Sentinels to know each other and the replica", [&] {
        const auto sentinels = sentinel->ask({"SENTINEL", "sentinels", "main"});
        const auto replicas = sentinel->ask({"SENTINEL", "replicas", "main"});
        return sentinels.integer() == 2 && replicas.integer() == 1;
      });
    }
    eventually("the replica to be in step", [&] {
      return replica.command({"INFO", "replication"}).text().find("master_link_status:up") != std::string_view::npos;
    });
  }

  std::string url() const {
    return "redis-sentinel://127.0.0.1:" + std::to_string(free_port()) + ",127.0.0.1:" + std::to_string(first.port()) +
           "/main?dead_peer_timeout=900&connect_timeout=1000";
  }
};

TEST_F(RedisSentinel, FollowsAFailover) {
  Probe one(make_redis_broker(url()));
  Probe other(make_redis_broker(url()));
  one.start();
  other.start();
  other.subscribe(room("r"));
  EXPECT_EQ(master.clients_named("hearth:"), 4U);
  master.kill();
  eventually("the broker to notice",
             [&] { return one->state() == BrokerState::degraded && other->state() == BrokerState::degraded; });
  one.publish(room("r"), "waits");
  eventually("the new master to be used",
             [&] { return one->state() == BrokerState::ready && other->state() == BrokerState::ready; });
  EXPECT_EQ(replica.clients_named("hearth:"), 4U);
  one.publish(room("r"), "goes on");
  one.flush_to(other);
  EXPECT_EQ(other.count("room r goes on"), 1U);
  EXPECT_EQ(other.gaps().size(), 1U);
}

TEST_F(RedisSentinel, FollowsAFailoverThatLeavesTheOldMasterAlive) {
  Probe one(make_redis_broker(url()));
  Probe other(make_redis_broker(url()));
  one.start();
  other.start();
  EXPECT_EQ(first.ask({"SENTINEL", "failover", "main"}).text(), "OK");
  eventually("both to be at the new master", [&] { return replica.clients_named("hearth:") == 4; });
  eventually("both to be ready",
             [&] { return one->state() == BrokerState::ready && other->state() == BrokerState::ready; });
  one.flush_to(other);
  EXPECT_EQ(master.clients_named("hearth:"), 0U);
}

TEST_F(RedisSentinel, SaysThatNobodyKnowsTheMaster) {
  std::string wrong = url();
  wrong.replace(wrong.find("/main"), 5, "/mian");
  Probe probe(make_redis_broker(wrong + "&ready_timeout=500"));
  try {
    probe.start();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no Sentinel tells where the master `mian` is"));
    EXPECT_THAT(error.what(), HasSubstr("it knows no such master"));
  }
}

struct RedisCluster : testing::Test {
  static std::vector<std::string> options() {
    return {"--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"};
  }
  RedisServer first{options()};
  RedisServer second{options()};
  RedisServer third{options()};

  void SetUp() override {
    std::string create = "redis-cli --cluster create";
    for (const RedisServer* node : {&first, &second, &third}) create += " 127.0.0.1:" + std::to_string(node->port());
    run(create + " --cluster-yes > /dev/null");
    for (const RedisServer* node : {&first, &second, &third}) {
      eventually("the Cluster to be whole", [&] {
        return node->command({"CLUSTER", "INFO"}).text().find("cluster_state:ok") != std::string_view::npos &&
               node->command({"CLUSTER", "SLOTS"}).integer() == 3;
      });
    }
  }

  static std::string url(const RedisServer& node) {
    return "redis-cluster://127.0.0.1:" + std::to_string(node.port()) + "?dead_peer_timeout=900&connect_timeout=1000";
  }
};

TEST_F(RedisCluster, JoinsThroughDifferentNodes) {
  Probe one(make_redis_broker(url(first)));
  Probe other(make_redis_broker(url(second)));
  one.start();
  other.start();
  other.subscribe(room("r"));
  for (int i = 0; i < 100; ++i) one.publish(room("r"), "n");
  one.flush_to(other);
  EXPECT_EQ(other.count("room r n"), 100U);
}

TEST_F(RedisCluster, FollowsTheLossOfANode) {
  Probe one(make_redis_broker(url(first)));
  Probe other(make_redis_broker(url(third)));
  one.start();
  other.start();
  other.subscribe(room("r"));
  one.flush_to(other);
  first.kill();
  eventually("the broker to notice", [&] { return one->state() == BrokerState::degraded; });
  one.publish(room("r"), "waits");
  eventually("another node to be used", [&] { return one->state() == BrokerState::ready; });
  // Its other link may not have noticed yet when the message was given to it.
  eventually("what waited", [&] { return other.count("room r waits") + one->statistics().unconfirmed == 1; });
  one.publish(room("r"), "goes on");
  one.flush_to(other);
  EXPECT_EQ(other.count("room r goes on"), 1U);
  EXPECT_EQ(one.gaps().size(), 1U);
  EXPECT_EQ(other.gaps().size(), 0U);
}

}  // namespace
}  // namespace hearth::test
