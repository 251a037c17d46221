#include "support/socket.hpp"

#include "net/address.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace hearth::test {

namespace {

void wait_for(int fd, short events, const Deadline& deadline, const char* what) {
  pollfd poll_fd{fd, events, 0};
  for (;;) {
    const int ready = ::poll(&poll_fd, 1, deadline.milliseconds_left());
    if (ready > 0) return;
    if (ready == 0) throw std::runtime_error(std::string("waited in vain for ") + what);
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
}

}  // namespace

net::FileDescriptor connect_to(const std::string& address, int receive_buffer) {
  const net::Address to = net::resolve(address).front();
  net::FileDescriptor fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw std::system_error(errno, std::generic_category(), "socket");
  if (receive_buffer > 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  if (::connect(fd.get(), to.get(), to.length) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect to " + address);
  }
  const int on = 1;
  if (!to.is_unix()) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

LoopbackListener::LoopbackListener() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd.get(), 16) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "a listener on loopback");
  }
  port = ntohs(address.sin_port);
}

bool write_all(int fd, std::string_view bytes) {
  const Deadline deadline;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      wait_for(fd, POLLOUT, deadline, "the server to read");
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool read_some(int fd, std::string& bytes, const Deadline& deadline) {
  std::array<char, std::size_t{64} * 1024> buffer;
  for (;;) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes.append(buffer.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0) return false;
    if (errno == EAGAIN) {
      wait_for(fd, POLLIN, deadline, "bytes from the server");
    } else if (errno != EINTR) {
      return false;
    }
  }
}

}  // namespace hearth::test
