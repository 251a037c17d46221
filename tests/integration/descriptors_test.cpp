// What happens when no file descriptor is left.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

namespace hearth::test {
namespace {

/// Leaves this process only so many more descriptors, until it is destroyed.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(::open("/dev/null", O_RDONLY | O_CLOEXEC)) + more;
    ::close(static_cast<int>(few.rlim_cur - more));
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

TEST(Descriptors, WithoutAnyAcceptingPausesAndGoesOnAfterAClose) {
  constexpr std::size_t kClients = 20;
  constexpr std::size_t kPlaces = 5;
  TestServer server;
  server.start();
  std::vector<net::FileDescriptor> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(server->port());
  const FewDescriptors few(kPlaces);
  for (const auto& client : clients) {
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  eventually("accepting to pause", [&] { return server->statistics().accept_pauses > 0; });
  EXPECT_EQ(server->statistics().connections_open, kPlaces);

  // It looks again once a second, and does nothing else meanwhile.
  const Statistics paused = server->statistics();
  eventually("two more tries", [&] { return server->statistics().accept_pauses >= paused.accept_pauses + 2; });
  EXPECT_LT(server->statistics().ticks - paused.ticks, 20U);
  EXPECT_EQ(server->statistics().connections_open, kPlaces);
  EXPECT_EQ(server.log().count("accepting is paused"), 1U);

  // Every close makes place for two here, since the client's end is of this process too.
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint64_t accepted = server->statistics().connections_accepted;
    clients.erase(clients.begin());
    eventually("one more to be accepted", [&] { return server->statistics().connections_accepted > accepted; });
  }
  clients.clear();
  eventually("all to be gone", [&] { return server->statistics().connections_open == 0; });
}

}  // namespace
}  // namespace hearth::test
