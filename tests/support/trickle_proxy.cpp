#include "support/trickle_proxy.hpp"

#include "support/socket.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::test {

namespace {

constexpr std::size_t kMouthful = 200;  // bytes a millisecond and direction

/// Passes some bytes on. False at the end.
bool pass(int from, int to) {
  std::array<char, kMouthful> bytes;
  const ssize_t got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN;
  return got > 0 && write_all(to, {bytes.data(), static_cast<std::size_t>(got)});
}

}  // namespace

struct TrickleProxy::Pair {
  net::FileDescriptor client;
  net::FileDescriptor server;
};

TrickleProxy::TrickleProxy(std::uint16_t server, std::string answer) : server_(server), answer_(std::move(answer)) {
  thread_ = std::thread([this] { run(); });
}

TrickleProxy::~TrickleProxy() {
  stop_ = true;
  thread_.join();
}

void TrickleProxy::run() {
  std::vector<Pair> pairs;
  while (!stop_) {
    const int fd = ::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0 && !answer_.empty()) {
      write_all(fd, answer_);
      pairs.push_back({net::FileDescriptor(fd), {}});
    } else if (fd >= 0) {
      pairs.push_back({net::FileDescriptor(fd), connect_to("127.0.0.1:" + std::to_string(server_))});
    }
    if (answer_.empty()) {
      std::erase_if(pairs, [](const Pair& pair) {
        return !pass(pair.client.get(), pair.server.get()) || !pass(pair.server.get(), pair.client.get());
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace hearth::test
