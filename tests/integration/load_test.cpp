// The load generator against a real server, and against one that gets things wrong.

#include "hearth/redis_broker.hpp"
#include "load/bench_run.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <boost/json/parse.hpp>

#include <sstream>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;
using load::Plan;
using load::Results;
using load::Scenario;
using testing::HasSubstr;

class Load : public testing::Test {
 protected:
  Plan plan(Scenario scenario, std::size_t clients = 30) {
    Plan plan;
    plan.scenario = scenario;
    plan.since = scenario == Scenario::recover;
    plan.addresses = net::resolve(server_.address());
    plan.url = "ws://" + server_.address() + "/ws";
    plan.host = server_.address();
    plan.path = "/ws";
    plan.clients = clients;
    plan.threads = 2;
    plan.window = 3;
    plan.rooms = 12;
    plan.members = 6;
    plan.warm_up = 50ms;
    plan.duration = 200ms;
    plan.stragglers = kSanitized ? 3000ms : 500ms;
    plan.pids = {::getpid()};
    return plan;
  }

  void start(Options options = {}) {
    options.client_publish = true;
    options.validate_room = allow_all;
    options.threads = 2;
    server_.start(std::move(options));
  }

  // `echo` and `room` as bench_app has them, but that `deliver` says how often each message goes out.
  void start_application(std::function<int(int)> deliver) {
    Options options;
    options.validate_room = allow_all;
    options.message = [this, deliver = std::move(deliver), count = 0](const Message& message) mutable {
      if (message.data.text().find("after") != std::string_view::npos) {
        return server_->send_to_client(message.client_id, "echo", message.data);
      }
      for (int i = deliver(count++); i > 0; --i) {
        if (message.event == "echo") server_->send_to_client(message.client_id, "echo", message.data);
        if (message.event == "room") server_->send_to_room("bench-all", "msg", message.data);
      }
    };
    server_.start(std::move(options));
  }

  static void expect_good(const Results& results) {
    EXPECT_TRUE(results.good()) << results.faults.missing << " missing, " << results.faults.doubled << " doubled, "
                                << results.faults.out_of_order << " out of order, " << results.faults.unexpected
                                << " unexpected, " << results.errors << " errors: " << results.first_error;
    EXPECT_GT(results.deliveries, 0U);
    EXPECT_GT(results.latencies.count(), 0U);
    EXPECT_GT(results.cpu_time.value_or(0), 0U);
    EXPECT_GT(results.resident.value_or(0), 0U);
  }

  static Options remembering(std::uint32_t size) {
    RoomRule rule;
    rule.pattern = {"**"};
    rule.history_size = size;
    Options options;
    options.room_rules = RoomRules({rule});
    return options;
  }

  static std::string error_of(const Plan& plan) {
    try {
      return load::run(plan).first_error;
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  TestServer server_;
};

TEST_F(Load, EchoComesBack) {
  start();
  const Results results = load::run(plan(Scenario::echo));
  expect_good(results);
  EXPECT_EQ(results.connect_times.count(), 30U);
}

TEST_F(Load, FanoutReachesEverybody) {
  start();
  const Results results = load::run(plan(Scenario::fanout));
  expect_good(results);
  EXPECT_GE(results.deliveries, results.messages * 29);
}

TEST_F(Load, RoomsWhoseMembersChangeLoseNothing) {
  start();
  Plan rooms = plan(Scenario::rooms);
  rooms.zipf = 1;
  rooms.churn = 2000;
  expect_good(load::run(rooms));
}

TEST_F(Load, MixedSurvivesClientsThatComeAgain) {
  start();
  Plan mixed = plan(Scenario::mixed);
  mixed.churn = 500;
  mixed.reconnects = 200;
  expect_good(load::run(mixed));
  EXPECT_GT(server_->statistics().connections_accepted, mixed.clients);
}

TEST_F(Load, OpenLoopKeepsTheRate) {
  start();
  Plan echo = plan(Scenario::echo);
  echo.rate = 500;
  echo.duration = 1000ms;
  const Results results = load::run(echo);
  expect_good(results);
  const double due = echo.rate * static_cast<double>(results.duration) / 1e9;
  EXPECT_GT(static_cast<double>(results.messages), due / 2);
  EXPECT_LT(static_cast<double>(results.messages), due * 2);
}

TEST_F(Load, SendsAsManyMessagesAsAskedFor) {
  start();
  Plan echo = plan(Scenario::echo);
  echo.messages = 1000;
  echo.warm_up = 0ms;
  echo.duration = kPatience;
  const Results results = load::run(echo);
  expect_good(results);
  EXPECT_EQ(results.messages, 1000U);
  EXPECT_EQ(results.deliveries, 1000U);
}

TEST_F(Load, EncryptedClientsOpenWhatComes) {
  start({.encryption = Encryption::required});
  Plan fanout = plan(Scenario::fanout);
  fanout.encrypt = true;
  expect_good(load::run(fanout));
}

TEST_F(Load, CompressedClientsReadWhatComes) {
  start({.per_message_deflate = {.enabled = true, .min_size = 1}});
  Plan fanout = plan(Scenario::fanout);
  fanout.deflate = true;
  fanout.bytes = 500;
  expect_good(load::run(fanout));
}

TEST_F(Load, PublicationsGoThroughRedis) {
  RedisServer redis;
  Options options;
  options.broker = make_redis_broker(redis.url());
  start(std::move(options));
  Plan fanout = plan(Scenario::fanout);
  fanout.redis = redis.url();
  expect_good(load::run(fanout));
}

TEST_F(Load, ConnectAndIdleMeasureClientsThatDoNothing) {
  start();
  for (const Scenario scenario : {Scenario::connect, Scenario::idle}) {
    Plan silent = plan(scenario);
    silent.rooms = 4;
    const Results results = load::run(silent);
    EXPECT_TRUE(results.good()) << results.first_error;
    EXPECT_EQ(results.connect_times.count(), 30U);
    EXPECT_TRUE(results.connect_cpu_time && results.memory_grown);
  }
}

TEST_F(Load, MembersWithPositionsGetEverything) {
  start(remembering(1000));
  Plan fanout = plan(Scenario::fanout);
  fanout.since = true;
  expect_good(load::run(fanout));
}

TEST_F(Load, WhoComesBackGetsWhatItMissed) {
  start(remembering(1000));
  Plan recover = plan(Scenario::recover);
  recover.missed = 40;
  recover.window = 30;
  const Results results = load::run(recover);
  EXPECT_TRUE(results.good()) << results.first_error;
  EXPECT_EQ(results.return_times.count(), 29U);
  EXPECT_EQ(results.messages, 12U * 40);
  EXPECT_EQ(results.deliveries, 29U * 12 * 40);
  EXPECT_EQ(results.clients, 30U);
  EXPECT_GT(results.cpu_time.value_or(0), 0U);
}

TEST_F(Load, WhoCannotBeGivenWhatItMissedIsAnError) {
  start(remembering(10));
  Plan recover = plan(Scenario::recover, 2);
  recover.missed = 40;
  recover.rooms = 1;
  EXPECT_THAT(error_of(recover), HasSubstr(R"(was not recovered: {"recovered":false,"reason":"trimmed")"));
}

TEST_F(Load, RoomsThatDoNotRememberAreAnErrorIfAnythingIsMissed) {
  start();
  Plan recover = plan(Scenario::recover, 2);
  EXPECT_TRUE(load::run(recover).good());
  recover.missed = 1;
  EXPECT_THAT(error_of(recover), HasSubstr("the room bench-recover-0 keeps no history"));
}

TEST_F(Load, FindsWhatIsMissing) {
  start_application([](int count) { return count % 10 == 9 ? 0 : 1; });
  Plan echo = plan(Scenario::echo);
  echo.send_by = load::SendBy::application;
  echo.rate = 2000;
  const Results results = load::run(echo);
  EXPECT_FALSE(results.good());
  EXPECT_GT(results.faults.missing, 0U);
  EXPECT_EQ(results.faults.doubled + results.faults.out_of_order, 0U);
}

TEST_F(Load, FindsWhatIsDoubled) {
  start_application([](int count) { return count % 10 == 9 ? 2 : 1; });
  Plan fanout = plan(Scenario::fanout);
  fanout.send_by = load::SendBy::application;
  fanout.rate = 500;
  const Results results = load::run(fanout);
  EXPECT_FALSE(results.good());
  EXPECT_GT(results.faults.doubled, 0U);
  EXPECT_EQ(results.faults.missing + results.faults.out_of_order, 0U);
}

TEST_F(Load, SaysWhatAServerRefuses) {
  server_.start({.validate_room = allow_all});  // and nobody may publish
  Plan fanout = plan(Scenario::fanout);
  fanout.rate = 100;
  const Results results = load::run(fanout);
  EXPECT_GT(results.faults.missing, 0U);
}

TEST_F(Load, SaysWhyNobodyGotConnected) {
  Options options;
  options.authenticate = [](const AuthenticateRequest&) { return AuthenticateResult(); };
  start(std::move(options));
  try {
    load::run(plan(Scenario::echo));
    FAIL() << "it ran";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Authentication failed"));
  }
}

TEST_F(Load, TableAndJsonSayTheSame) {
  start();
  const Plan echo = plan(Scenario::echo);
  const Results results = load::run(echo);
  std::ostringstream table;
  load::print_table(table, echo, results);
  EXPECT_THAT(table.str(), HasSubstr("0 missing, 0 doubled, 0 out of order"));
  EXPECT_THAT(table.str(), HasSubstr(std::to_string(results.deliveries) + " messages"));
  std::ostringstream text;
  load::print_json(text, echo, results);
  const boost::json::value json = boost::json::parse(text.str());
  EXPECT_EQ(json.at("deliveries").to_number<std::uint64_t>(), results.deliveries);
  EXPECT_EQ(json.at("latency_us").at("max").to_number<double>(), static_cast<double>(results.latencies.max()) / 1000);
  EXPECT_GT(json.at("server").at("cpu_us_per_delivery").to_number<double>(), 0);
}

}  // namespace
}  // namespace hearth::test
