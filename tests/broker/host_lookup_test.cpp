// Redis behind a host name, with a name server that does not answer: the tests' own getaddrinfo stands in for it.

#include "broker/probe.hpp"
#include "hearth/emitter.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>

#include <condition_variable>
#include <stdexcept>

namespace hearth::test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kHost = "redis.test";       // which is 127.0.0.1
constexpr std::string_view kUnknown = "unknown.test";  // which nobody knows

/// Answers for kHost, unless it has been told to hang.
class NameServer {
 public:
  void hang() {
    const std::lock_guard lock(mutex_);
    hangs_ = true;
    questions_ = 0;
  }
  void answer() {
    const std::lock_guard lock(mutex_);
    hangs_ = false;
    changed_.notify_all();
  }

  /// How many wait for an answer.
  int waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }
  /// How many have come since it hangs.
  int questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
  }

  /// Returns when it answers.
  void ask() {
    std::unique_lock lock(mutex_);
    ++questions_;
    ++waiting_;
    changed_.wait_for(lock, kPatience * 2, [this] { return !hangs_; });
    --waiting_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool hangs_ = false;
  int waiting_ = 0;
  int questions_ = 0;
};

// Never destroyed: lookups may outlive the tests.
NameServer& name_server() {
  static auto* const server = new NameServer;
  return *server;
}

}  // namespace
}  // namespace hearth::test

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* name, const char* service,
                                                                  const addrinfo* hints, addrinfo** found) {
  static const auto next = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && hearth::test::kUnknown == name) return EAI_NONAME;
  if (name == nullptr || hearth::test::kHost != name) return next(name, service, hints, found);
  hearth::test::name_server().ask();
  return next("127.0.0.1", service, hints, found);
}

namespace hearth::test {
namespace {

std::string url(std::uint16_t port, std::string_view options) {
  return "redis://" + std::string(kHost) + ':' + std::to_string(port) + std::string(options);
}

struct HostLookups : testing::Test {
  ~HostLookups() override {
    name_server().answer();
    eventually("lookups to end", [] { return name_server().waiting() == 0; });
  }
  HostLookups() = default;
  HostLookups(const HostLookups&) = delete;
  HostLookups& operator=(const HostLookups&) = delete;

  /// A lookup still goes on, whose answer is for nobody.
  static void expect_one_waiting() {
    eventually("one lookup", [] { return name_server().waiting() == 1; });
  }
};

TEST_F(HostLookups, ANameIsAsGoodAsAnAddress) {
  const RedisServer server;
  Probe one(make_redis_broker(url(server.port(), "")));
  Probe other(make_redis_broker(url(server.port(), "")));
  one.start().flush_to(other.start());
}

TEST_F(HostLookups, ANameThatIsUnknownIsSaid) {
  Probe probe(make_redis_broker("redis://" + std::string(kUnknown) + "?ready_timeout=300"));
  EXPECT_THAT([&] { probe.start(); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("(unknown.test:6379: Host not found")));
}

TEST_F(HostLookups, StartGivesUpWhileTheLookupGoesOn) {
  name_server().hang();
  Probe probe(make_redis_broker(url(free_port(), "?ready_timeout=300&connect_timeout=100")));
  EXPECT_THAT([&] { probe.start(); }, testing::ThrowsMessage<std::runtime_error>(HasSubstr("within 300ms")));
  expect_one_waiting();
}

TEST_F(HostLookups, StopDoesNotWaitForOneThatHangs) {
  RedisServer server;
  {
    Probe probe(make_redis_broker(url(server.port(), "")));
    probe.start();
    name_server().hang();
    server.kill();
    eventually("a lookup", [] { return name_server().waiting() > 0; });
    probe->stop();
    EXPECT_EQ(probe->state(), BrokerState::stopped);
  }
  expect_one_waiting();
}

TEST_F(HostLookups, AnEmitterDoesNotWaitForOneThatHangs) {
  name_server().hang();
  {
    Emitter emitter(url(free_port(), "?ready_timeout=300"));
    EXPECT_THROW(emitter.wait_until_ready(), std::runtime_error);
  }
  expect_one_waiting();
}

TEST_F(HostLookups, AttemptsShareOneThatHangs) {
  RedisServer server;
  Probe probe(make_redis_broker(url(server.port(), "?connect_timeout=50")));
  probe.start();
  name_server().hang();
  server.kill();
  server.restart();
  eventually("an attempt to be given up", [&] { return probe.logged("no connection within 50ms") > 0; });
  EXPECT_EQ(probe->state(), BrokerState::degraded);
  EXPECT_EQ(name_server().questions(), 1);
  name_server().answer();
  eventually("the broker to be ready", [&] { return probe->state() == BrokerState::ready; });
}

TEST_F(HostLookups, ANextSentinelIsAskedWhenTheFirstCannotBeFound) {
  name_server().hang();
  const std::string sentinels = "redis-sentinel://" + std::string(kHost) + ",127.0.0.1:" + std::to_string(free_port());
  Probe probe(make_redis_broker(sentinels + "/main?ready_timeout=600&connect_timeout=100"));
  EXPECT_THAT([&] { probe.start(); }, testing::ThrowsMessage<std::runtime_error>(HasSubstr("Connection refused")));
}

}  // namespace
}  // namespace hearth::test
