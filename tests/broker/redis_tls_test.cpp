// The Redis broker over TLS, against processes of the tests' own.

#include "broker/probe.hpp"
#include "broker/sentinel.hpp"
#include "hearth/redis_broker.hpp"
#include "support/certificates.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace hearth::test {
namespace {

using testing::HasSubstr;

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

/// A server whose certificate is for a name alone.
struct NamedServer {
  explicit NamedServer(const Certificates& certificates, std::vector<std::string> more = {})
      : server(arguments(certificates, port, std::move(more))) {}

  static std::vector<std::string> arguments(const Certificates& certificates, std::uint16_t port,
                                            std::vector<std::string> more) {
    std::vector<std::string> all{"--tls-port",         std::to_string(port),
                                 "--tls-cert-file",    certificates.file("named.crt"),
                                 "--tls-key-file",     certificates.file("named.key"),
                                 "--tls-ca-cert-file", certificates.file("ca.crt"),
                                 "--tls-auth-clients", "no"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  const std::uint16_t port = free_port();
  RedisServer server;
};

TEST_F(RedisTls, AServerMayHaveAnotherNameThanItsAddress) {
  const NamedServer named(certificates);
  const std::string address =
      "rediss://127.0.0.1:" + std::to_string(named.port) + "?ready_timeout=500&ca=" + certificates.file("ca.crt");
  EXPECT_THAT(failure_of(address), HasSubstr("certificate verify failed"));
  EXPECT_THAT(failure_of(address + "&server_name=elsewhere.test"), HasSubstr("certificate verify failed"));
  Probe one(make_redis_broker(address + "&server_name=redis.test"));
  one.start();
  EXPECT_EQ(one->state(), BrokerState::ready);
}

// The nodes of a Cluster are known by their addresses.
TEST_F(RedisTls, ANameCountsForEveryNodeOfACluster) {
  const std::vector<std::string> cluster{"--tls-cluster",
                                         "yes",
                                         "--cluster-enabled",
                                         "yes",
                                         "--cluster-node-timeout",
                                         "1000",
                                         "--cluster-require-full-coverage",
                                         "no"};
  NamedServer first(certificates, cluster);
  const NamedServer second(certificates, cluster);
  EXPECT_EQ(first.server.command({"CLUSTER", "ADDSLOTSRANGE", "0", "8191"}).text(), "OK");
  EXPECT_EQ(second.server.command({"CLUSTER", "ADDSLOTSRANGE", "8192", "16383"}).text(), "OK");
  first.server.command(
      {"CLUSTER", "MEET", "127.0.0.1", std::to_string(second.port), std::to_string(second.port + 10'000)});
  eventually("the nodes to know each other", [&] { return first.server.command({"CLUSTER", "SLOTS"}).integer() == 2; });
  Probe one(make_redis_broker("rediss-cluster://127.0.0.1:" + std::to_string(first.port) +
                              "?server_name=redis.test&ca=" + certificates.file("ca.crt")));
  one.start();
  first.server.kill();
  eventually("the other node to be used", [&] { return second.server.clients_named("hearth:") == 2; });
}

TEST_F(RedisTls, AFileThatIsMissingIsNamed) {
  try {
    make_redis_broker(url("&ca=/no/such/file"));
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("tls.ca_file `/no/such/file`"));
  }
}

// The masters that Sentinels name, and other Sentinels, are known by their addresses.
TEST_F(RedisTls, ANameCountsForTheMasterThatASentinelNames) {
  const NamedServer master(certificates);
  const std::uint16_t port = free_port();
  const Sentinel sentinel(master.port,
                          "tls-port " + std::to_string(port) + "\ntls-cert-file " + certificates.file("named.crt") +
                              "\ntls-key-file " + certificates.file("named.key") + "\ntls-ca-cert-file " +
                              certificates.file("ca.crt") + "\ntls-auth-clients no\ntls-replication yes\n");
  const std::string address = "rediss-sentinel://127.0.0.1:" + std::to_string(port) +
                              "/main?ready_timeout=500&ca=" + certificates.file("ca.crt");
  EXPECT_THAT(failure_of(address), HasSubstr("certificate verify failed"));
  Probe one(make_redis_broker(address + "&server_name=redis.test"));
  one.start();
  EXPECT_EQ(master.server.clients_named("hearth:"), 2U);
}

}  // namespace
}  // namespace hearth::test
