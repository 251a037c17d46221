// Starting and shutting down, at once and against each other; what a broker or an address has to do with it.

#include "hearth/broker.hpp"
#include "support/coroutines.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

/// A broker whose other side is away, until it is cancelled or `come` is called.
class AwayBroker : public Broker {
 public:
  void start(BrokerSink& sink) override {
    std::unique_lock lock(mutex_);
    sink_ = &sink;
    is_starting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return has_come_ || is_cancelled_; });
    if (!has_come_) throw std::runtime_error("it did not come");
  }
  void cancel_start() override { set(is_cancelled_); }
  void stop() override {}
  void publish(const BrokerMessage& message) override { published(message); }
  bool subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) override {
    static_cast<void>(addresses);
    return subscribed(std::move(done));
  }
  void unsubscribe(std::span<const BrokerAddress>) override {}
  BrokerState state() const override { return BrokerState::ready; }
  BrokerStatistics statistics() const override { return {}; }

  void come() { set(has_come_); }
  void wait_until_starting() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_starting_; });
  }
  BrokerSink& sink() { return *sink_; }

  std::function<void(const BrokerMessage&)> published = [](const BrokerMessage&) {};
  std::function<bool(std::function<void()>)> subscribed = [](const std::function<void()>&) { return true; };

 private:
  void set(bool& what) {
    const std::lock_guard lock(mutex_);
    what = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  BrokerSink* sink_ = nullptr;
  bool is_starting_ = false;
  bool has_come_ = false;
  bool is_cancelled_ = false;
};

TEST(StartStop, ShutdownEndsAStartThatIsUnderWay) {
  const auto broker = std::make_shared<AwayBroker>();
  TestServer server;
  server.make({.broker = broker});
  auto starting = std::async(std::launch::async, [&] { server->start(); });
  broker->wait_until_starting();
  server->shutdown();
  try {
    starting.get();
    ADD_FAILURE() << "it has started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("it did not come"));
  }
}

TEST(StartStop, AServerThatWasShutDownWhileItStartedServesNobody) {
  const auto broker = std::make_shared<AwayBroker>();
  TestServer server;
  server.make({.broker = broker});
  auto starting = std::async(std::launch::async, [&] { server->start(); });
  broker->wait_until_starting();
  auto stopping = std::async(std::launch::async, [&] { server->shutdown(); });
  stopping.wait_for(10ms);
  broker->come();  // in the same moment
  EXPECT_THROW(starting.get(), std::runtime_error);
  stopping.get();
  EXPECT_EQ(server->statistics().connections_open, 0U);
  EXPECT_TRUE(server->addresses().empty());
}

TEST(StartStop, AServerThatWasShutDownBeforeItsStartDoesNotStart) {
  const auto broker = std::make_shared<AwayBroker>();
  TestServer server;
  server.make({.broker = broker});
  server->shutdown();
  EXPECT_THROW(server->start(), std::runtime_error);
  EXPECT_TRUE(server->addresses().empty());
}

TEST(StartStop, AfterAnAddressInUseItMayBeStartedAgain) {
  TestServer first;
  first.start();
  const auto broker = std::make_shared<AwayBroker>();
  broker->come();
  TestServer second;
  second.make({.listen = {first.address()}, .broker = broker});
  EXPECT_THROW(second->start(), std::system_error);
  first.destroy();
  second->start();
  second.client().round_trip();
}

TEST(StartStop, AHandlerThatShutsDownWhileStartHasNotReturnedIsHeard) {
  for (int i = 0; i < 20; ++i) {
    TestServer server;
    std::atomic<bool> asked = false;
    server.make({.authenticate = [&](const AuthenticateRequest&) {
      server->shutdown();
      asked = true;
      return Identity{};
    }});
    server->start();
    TestClient client = server.connect();
    client.send(envelope("authenticate"));
    EXPECT_EQ(client.wait_for_close().code, 1001);
    client.finish();
    server->shutdown();
  }
}

TEST(StartStop, LongerTimesThanThereAreMeanNever) {
  constexpr auto kEver = std::chrono::milliseconds::max();
  TestServer server;
  server.start({.auth_timeout = kEver, .heartbeat_interval = kEver, .heartbeat_timeout = kEver, .idle_timeout = kEver});
  TestClient waits = server.connect();
  TestClient client = server.client();
  client.round_trip();
  waits.authenticate();
  std::thread closing([&] {
    client.finish();
    waits.finish();
  });
  server->shutdown(kEver);
  closing.join();
}

TEST(StartStop, AGapHandlerMayShutTheServerDown) {
  const auto broker = std::make_shared<AwayBroker>();
  broker->come();
  TestServer server;
  server.start({.broker = broker, .broker_gap = [&](const BrokerGap&) { server->shutdown(); }});
  TestClient client = server.client();
  std::thread gap([&] { broker->sink().gap({}, {}); });
  EXPECT_EQ(client.expect_close().code, 1001);
  client.finish();
  gap.join();
  server->shutdown();
}

TEST(StartStop, WhoWaitsForASubscriptionAtTheEndIsStillReportedGone) {
  const auto broker = std::make_shared<AwayBroker>();
  broker->come();
  std::atomic<bool> confirms = true;
  broker->subscribed = [&](const std::function<void()>&) { return confirms.load(); };  // or never
  std::atomic<int> gone = 0;
  TestServer server;
  server.start({.broker = broker, .validate_room = allow_all, .client_disconnected = [&](const ClientDisconnected&) {
                  ++gone;
                }});
  TestClient client = server.client();
  confirms = false;
  client.send(envelope("join", R"({"rooms":["r"]})", "1"));
  client.round_trip();
  std::thread closing([&] { client.finish(); });
  server->shutdown();
  closing.join();
  EXPECT_EQ(gone, 1);
}

TEST(StartStop, ABrokerThatThrowsCostsTheMessageAlone) {
  const auto broker = std::make_shared<AwayBroker>();
  broker->come();
  broker->published = [](const BrokerMessage&) { throw std::runtime_error("no way out"); };
  TestServer server;
  server.start({.client_publish = true, .broker = broker, .validate_room = allow_all});
  TestClient client = server.client();
  client.join("r");
  client.send(envelope("publish", R"({"room":"r","event":"news"})", "1"));
  client.expect("news");
  client.expect("ack");
  server->send("r", "more", "1");
  client.expect("more");
  EXPECT_EQ(server.log().count("no way out"), 2U);
}

// With an executor of the application's nothing of the server's is left when it is gone.
TEST(StartStop, TransformersNeitherBeginNorGoOnOnceTheServerIsGone) {
  boost::asio::io_context context;
  auto work = boost::asio::make_work_guard(context);
  std::thread running([&] { context.run(); });
  std::atomic<int> begun = 0;
  std::atomic<bool> destroyed = false;
  std::atomic<int> late = 0;
  {
    TestServer server;
    server.start({.outbound_transformer = [&](const OutboundMessage&) -> Awaitable<OutboundResult> {
                    ++begun;
                    co_await pause_for(2s);
                    if (destroyed) ++late;
                    co_return std::nullopt;
                  },
                  .encrypted_batch_limit = 1,
                  .executor = context.get_executor()});
    TestClient client = server.client();
    server->enable_client_encryption(client.id());
    for (int i = 0; i < 3; ++i) server->send_to_client(client.id(), "news", "1");
    eventually("the first to begin", [&] { return begun == 1; });
    client.drop();
    server->shutdown(100ms);
    server.destroy();
    destroyed = true;
  }
  work.reset();
  running.join();
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(late, 0);
}

}  // namespace
}  // namespace hearth::test
