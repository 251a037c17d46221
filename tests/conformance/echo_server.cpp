#include "conformance/echo_server.hpp"

#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

namespace hearth::conformance {

namespace {

class EchoServer {
 public:
  explicit EchoServer(bool deflate) : process_(command(deflate)) {
    constexpr std::string_view kGreeting = "listening on ";
    const std::string line = process_.read_line();
    if (!line.starts_with(kGreeting)) throw std::runtime_error("the echo server says: " + line);
    address_ = line.substr(kGreeting.size());
  }

  const std::string& address() const { return address_; }
  int stop() { return process_.terminate(); }

 private:
  static std::vector<std::string> command(bool deflate) {
    const char* program = std::getenv("TEST_WS_ECHO");
    if (program == nullptr) throw std::runtime_error("TEST_WS_ECHO has to name the echo server's program");
    std::vector<std::string> words = {program, "--port", "0"};
    if (deflate) words.emplace_back("--deflate");
    return words;
  }

  test::ChildProcess process_;
  std::string address_;
};

/// Stops the servers when all tests have run, and looks whether they came through well.
class EchoServers : public ::testing::Environment {
 public:
  const std::string& address(bool deflate) {
    std::unique_ptr<EchoServer>& server = servers_.at(deflate ? 1 : 0);
    if (!server) server = std::make_unique<EchoServer>(deflate);
    return server->address();
  }

  void TearDown() override {
    for (const std::unique_ptr<EchoServer>& server : servers_) {
      if (server) {
        EXPECT_EQ(server->stop(), 0) << "the echo server's exit status";
      }
    }
  }

 private:
  std::array<std::unique_ptr<EchoServer>, 2> servers_;
};

// GoogleTest owns it.
EchoServers* const servers = dynamic_cast<EchoServers*>(::testing::AddGlobalTestEnvironment(new EchoServers));

}  // namespace

const std::string& echo_server(bool deflate) { return servers->address(deflate); }

}  // namespace hearth::conformance
