// A child process that the application makes holds copies of every socket.

#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

/// A child that does nothing, until it is destroyed.
class IdleChild {
 public:
  IdleChild() : pid_(::fork()) {
    while (pid_ == 0) ::pause();
  }
  ~IdleChild() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  IdleChild(const IdleChild&) = delete;
  IdleChild& operator=(const IdleChild&) = delete;

 private:
  pid_t pid_;
};

// The server has let go of them, and hears of them no more whatever comes.
TEST(Fork, ConnectionsThatAChildHoldsEndAllTheSame) {
  constexpr std::size_t kConnections = 50;
  TestServer server;
  server.start({.auth_timeout = 2s});
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kConnections; ++i) clients.emplace_back(server.address());
  eventually("all to be accepted", [&] { return server->statistics().connections_open == kConnections; });
  const IdleChild child;
  eventually("all to time out", [&] { return server->statistics().connections_open == 0; });
  for (TestClient& client : clients) {
    client.expect_end();
    client.write("x");
  }
  TestClient another = server.client();
  another.round_trip();
}

}  // namespace
}  // namespace hearth::test
