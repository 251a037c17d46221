// What a whole shard counts and times, by a clock that stands still.

#include "net/counters.hpp"
#include "net/duration_histogram.hpp"
#include "net/loop.hpp"
#include "support/authority.hpp"
#include "support/test_server.hpp"
#include "support/turned_shard.hpp"
#include "tls/handshake_outcome.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

std::uint64_t count_of(const net::DurationHistogram& durations) {
  const auto counts = durations.snapshot().counts;
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TEST(DeliveryLagOfShards, CountsFromWhenAnotherThreadLeftIt) {
  TurnedShard shard;
  TestClient client = shard.client();
  const net::DurationHistogram& lags = shard.loop().delivery_lags();
  EXPECT_EQ(count_of(lags), 0U) << "answers are no publications";
  shard.send(client.id(), "one", "1");
  shard.stall(30ms);
  shard.send(client.id(), "two", "2");
  shard.turn();
  EXPECT_EQ(count_of(lags), 1U) << "they were in one turn";
  EXPECT_EQ(lags.sum(), 30ms);
  client.expect("one");
  client.expect("two");
}

TEST(DeliveryLagOfShards, CountsFromTheTurnInWhichAClientHasPublished) {
  std::function<void()> think = [] {};
  TurnedShard shard(
      {.client_publish = true, .validate_room = allow_all, .publish = [&](const PublishRequest&) -> PublishDecision {
         think();
         return PublishDecision::allow();
       }});
  TestClient client = shard.client();
  client.join("tea");
  think = [&] { shard.stall(7ms); };
  client.send(envelope("publish", R"({"room":"tea","event":"said"})"));
  client.expect("said");
  const net::DurationHistogram& lags = shard.loop().delivery_lags();
  EXPECT_EQ(count_of(lags), 1U);
  EXPECT_EQ(lags.sum(), 7ms);
}

TEST(DeliveryLagOfShards, EndsWhenTheLastOfManyIsWrittenTo) {
  constexpr std::size_t kClients = 450;  // more than a turn writes to
  TurnedShard shard;
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(shard.client());
  shard.broadcast("all", "1");
  shard.turn_once();
  const net::DurationHistogram& lags = shard.loop().delivery_lags();
  EXPECT_EQ(count_of(lags), 0U);
  shard.stall(20ms);
  shard.turn();
  for (TestClient& client : clients) client.expect("all");
  EXPECT_EQ(count_of(lags), 1U);
  EXPECT_EQ(lags.sum(), 20ms);
}

TEST(DeliveryLagOfShards, WhatASocketDoesNotTakeIsNotWaitedFor) {
  TurnedShard shard;
  TestClient slow = shard.client();
  const std::string large = '"' + std::string(900'000, 'x') + '"';
  shard.send(slow.id(), "large", large);
  shard.turn();
  const net::DurationHistogram& lags = shard.loop().delivery_lags();
  EXPECT_EQ(count_of(lags), 1U);
  shard.stall(1s);
  slow.expect("large");
  EXPECT_EQ(count_of(lags), 1U);
  EXPECT_EQ(lags.sum(), 0ms);
}

TEST(LimitsOfShards, MessagesThatAreTooLongAreCounted) {
  TurnedShard shard({.max_payload_length = 100});
  TestClient client = shard.client();
  client.send(std::string(101, 'x'));
  EXPECT_EQ(client.expect_close().code, 1009);
  EXPECT_EQ(shard.hits("message_size"), 1U);
  EXPECT_EQ(shard.hits("backlog"), 0U);
}

TEST(LimitsOfShards, WhatFindsAFullBacklogIsCounted) {
  for (const SlowConsumer policy : {SlowConsumer::drop, SlowConsumer::close}) {
    TurnedShard shard({.backpressure_limit = 1000, .slow_consumer = policy});
    TestClient slow = shard.client();
    shard.send(slow.id(), "large", '"' + std::string(900'000, 'x') + '"');
    shard.turn();
    EXPECT_EQ(shard.hits("backlog"), 0U) << "alone it may be as long as it likes";
    shard.send(slow.id(), "too much", "1");
    shard.turn();
    EXPECT_EQ(shard.hits("backlog"), 1U);
    EXPECT_EQ(shard.hits("message_size"), 0U);
  }
}

TEST(TlsOfShards, HandshakesThatStallAreCountedOnceTheyHaveBegun) {
  const Authority authority;
  TurnedShard shard({.auth_timeout = 5s, .tls = TlsOptions{.certificates = {authority.issue_for_loopback()}}});
  const TestClient silent = shard.open();
  TestClient stalls = shard.open();
  stalls.write(std::string_view("\x16\x03\x01\1\0", 5));  // of a record that does not come
  shard.turn();
  shard.advance(6s);
  EXPECT_EQ(shard.connections(), 0U);
  const net::HandshakeCounters& counters = shard.loop().counters().tls_outcomes;
  EXPECT_EQ(counters[0][static_cast<std::size_t>(tls::HandshakeOutcome::timeout)].get(), 1U);
  EXPECT_EQ(counters[0][static_cast<std::size_t>(tls::HandshakeOutcome::closed)].get(), 0U);
}

}  // namespace
}  // namespace hearth::test
