// `hearth serve` under a manager of services that speaks the protocol of systemd.

#include "net/file_descriptor.hpp"
#include "support/command_folder.hpp"
#include "support/patience.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// What the manager hears.
class NoticeSocket {
 public:
  explicit NoticeSocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("bind " + path);
    }
  }
  /// The next thing that it is told.
  std::string next() const {
    pollfd waits{fd_.get(), POLLIN, 0};
    if (::poll(&waits, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1) {
      throw std::runtime_error("nothing was told");
    }
    std::array<char, 512> bytes{};
    const ssize_t count = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(count)};
  }
  std::string next_but(const std::string& known) const {
    std::string told = next();
    while (told == known) told = next();
    return told;
  }

 private:
  net::FileDescriptor fd_;
};

/// A socket that listens on a free port, as a manager opens it; a child finds it under the number that `fd` has.
class OpenedSocket {
 public:
  OpenedSocket() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 || ::listen(fd_.get(), 16) != 0 ||
        ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      throw std::runtime_error("a socket that listens");
    }
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    // Out of the way of the numbers that a child finds it under.
    constexpr int kHigh = 100;
    fd_ = net::FileDescriptor(::fcntl(fd_.get(), F_DUPFD, kHigh));
  }
  int fd() const { return fd_.get(); }
  const std::string& address() const { return address_; }

 private:
  net::FileDescriptor fd_;
  std::string address_;
};

class ServiceProtocol : public testing::Test, protected CommandFolder {
 protected:
  ServiceProtocol() {
    write("[auth]\nanonymous = true\n[server]\ndrain_delay = \"0s\"\ndrain_time = \"0s\"\n" + keys_);
  }

  /// Runs the command with what a manager would give it; `words` come before it.
  std::unique_ptr<ChildProcess> start(const std::string& variables, const std::string& redirections = {}) {
    const std::string line = "cd " + path().string() +
                             "; export HEARTH_SERVER_LISTEN=127.0.0.1:0 "
                             "HEARTH_API_LISTEN=127.0.0.1:0 " +
                             variables + "; exec " + command_path() + " serve 2>&1 " + redirections;
    return std::make_unique<ChildProcess>(std::vector<std::string>{"/bin/bash", "-c", line});
  }
  std::string notices() const { return (path() / "notices").string(); }

  const std::string keys_ = "[[api.keys]]\nname = \"a\"\nkey = \"0123456789abcdef0123456789abcdef\"\n";
};

TEST_F(ServiceProtocol, TheManagerHearsWhenItIsReadyAndWhenItEnds) {
  const NoticeSocket manager(notices());
  const auto server = start("NOTIFY_SOCKET=" + notices());
  EXPECT_EQ(manager.next(), "READY=1");
  const std::string address = address_of(*server);
  TestClient(address).upgrade().authenticate();
  ::kill(server->pid(), SIGTERM);
  EXPECT_THAT(manager.next(), AllOf(StartsWith("STOPPING=1\n"), HasSubstr("EXTEND_TIMEOUT_USEC=30000000")));
}

TEST_F(ServiceProtocol, TheWatchdogIsFedAsLongAsShardsAnswer) {
  const NoticeSocket manager(notices());
  const auto server = start("WATCHDOG_USEC=20000 WATCHDOG_PID=$$ NOTIFY_SOCKET=" + notices());
  EXPECT_EQ(manager.next_but("WATCHDOG=1"), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST_F(ServiceProtocol, TheWatchdogOfAnotherProcessIsNotFed) {
  const NoticeSocket manager(notices());
  const auto server = start("WATCHDOG_USEC=2000 WATCHDOG_PID=1 NOTIFY_SOCKET=" + notices());
  EXPECT_EQ(manager.next(), "READY=1");
  ::kill(server->pid(), SIGTERM);
  EXPECT_THAT(manager.next(), StartsWith("STOPPING=1"));
}

TEST_F(ServiceProtocol, SocketsThatAreHandedInTakeThePlaceOfThoseOfTheFile) {
  const OpenedSocket api;
  const OpenedSocket ws;
  const auto server = start("LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=api:ws",
                            "3<&" + std::to_string(api.fd()) + " 4<&" + std::to_string(ws.fd()));
  EXPECT_EQ(address_of(*server), ws.address());
  EXPECT_EQ(api_address_of(*server), api.address());
  TestClient(ws.address()).upgrade().authenticate();
  TestClient http(api.address());
  http.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(http.read_http().status, 200);
}

TEST_F(ServiceProtocol, SocketsThatAreHandedInHoldOverAReload) {
  const OpenedSocket api;
  const OpenedSocket ws;
  const auto server = start("LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=api:ws",
                            "3<&" + std::to_string(api.fd()) + " 4<&" + std::to_string(ws.fd()));
  EXPECT_EQ(api_address_of(*server), api.address());
  TestClient http(api.address());
  http.write(
      "POST /api/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
      "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n\r\n");
  EXPECT_EQ(http.read_http().status, 200);
  TestClient(ws.address()).upgrade().authenticate();
}

TEST_F(ServiceProtocol, SocketsForAnotherProcessAreNotTaken) {
  const OpenedSocket ws;
  const auto server = start("LISTEN_FDS=1 LISTEN_PID=1 LISTEN_FDNAMES=ws", "3<&" + std::to_string(ws.fd()));
  EXPECT_NE(address_of(*server), ws.address());
}

TEST_F(ServiceProtocol, ASocketWithoutAKnownNameIsRefused) {
  const OpenedSocket ws;
  const auto server = start("LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=web", "3<&" + std::to_string(ws.fd()));
  EXPECT_EQ(server->read_line(),
            "hearth: LISTEN_FDNAMES: socket 1 of 1 is named `web`; give FileDescriptorName=ws for clients, or api for "
            "the API");
}

TEST_F(ServiceProtocol, AnApiOnASocketThatWasHandedInNeedsKeys) {
  write("[auth]\nanonymous = true\n");
  const OpenedSocket api;
  const auto server = start("LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=api", "3<&" + std::to_string(api.fd()));
  EXPECT_THAT(server->read_line(), AllOf(StartsWith("LISTEN_FDNAMES: "), HasSubstr("there are no [[api.keys]]")));
}

TEST_F(ServiceProtocol, WhatDoesNotListenIsRefused) {
  const auto server = start("LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=ws", "3</dev/null");
  EXPECT_THAT(server->read_line(), HasSubstr("`fd:3`: it is no stream socket that listens"));
}

}  // namespace
}  // namespace hearth::test
