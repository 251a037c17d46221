// What a TLS client that says nothing costs.

#include "support/forked.hpp"
#include "support/tls_clients.hpp"

#include <gtest/gtest.h>

#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

constexpr std::size_t kWarmUp = 50;  // after which what clients have in common is there
constexpr std::size_t kClients = 400;
constexpr std::size_t kMost = std::size_t{16} * 1024;

// Of this process, in bytes. What other tests have left to it is no part of it, as it would be of resident memory.
std::size_t allocated() {
  const struct mallinfo2 now = ::mallinfo2();
  return now.uordblks + now.hblkhd;
}

struct Shared {
  std::atomic<bool> listens = false;
  std::atomic<bool> finished = false;
  std::array<char, 64> address{};
};

TEST(TlsMemory, AnIdleClientCostsAtMost16KiB) {
  if (kSanitized) GTEST_SKIP() << "sanitizers keep what is freed";
  auto& shared = make_shared_state<Shared>();
  Forked clients([&] {
    eventually("the server", [&] { return shared.listens.load(); });
    std::vector<TestClient> all;
    const std::string address = shared.address.data();
    for (std::size_t i = 0; i < kWarmUp + kClients; ++i) {
      all.emplace_back(address, TlsClientOptions{}).upgrade().authenticate();
    }
    eventually("the measurement", [&] { return shared.finished.load(); });
  });
  TestServer server;
  server.start(with_tls());
  std::strncpy(shared.address.data(), server.address().c_str(), shared.address.size() - 1);
  const auto clients_are = [&](std::size_t count) {
    if (clients.ended()) throw std::runtime_error("the clients ended: " + clients.wait());
    return server->statistics().clients_authenticated >= count;
  };
  shared.listens = true;
  eventually("the first clients", [&] { return clients_are(kWarmUp); });
  const std::size_t before = allocated();
  const std::size_t there = server->statistics().clients_authenticated;
  for (std::size_t more = there; more < kWarmUp + kClients;) {
    more = std::min(more + 50, kWarmUp + kClients);
    eventually("50 more", [&] { return clients_are(more); });
  }
  const std::size_t each = (allocated() - before) / (kWarmUp + kClients - there);
  RecordProperty("bytes_a_client", static_cast<int>(each));
  EXPECT_LE(each, kMost);
  EXPECT_GT(each, std::size_t{1024}) << "nothing was measured";
  shared.finished = true;
  EXPECT_EQ(clients.wait(), "");
}

}  // namespace
}  // namespace hearth::test
