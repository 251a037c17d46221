#include "load/sockets.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hearth::load {

namespace {

constexpr std::size_t kBuffer = 256 * 1024;
constexpr int kEvents = 512;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kIn = EPOLLIN;
constexpr std::uint32_t kOut = EPOLLOUT;

std::string text_of(int error) { return std::generic_category().message(error); }

}  // namespace

Sockets::Sockets(SocketEvents& events, const net::Address& address)
    : events_(events), address_(address), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(kBuffer) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  epoll_event event{};
  event.events = kIn;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.fd(), &event);
}

void Sockets::watch(Socket& socket, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &socket;
  ::epoll_ctl(epoll_.get(), operation, socket.fd.get(), &event);
}

void Sockets::connect(Socket& socket) {
  socket.fd = net::FileDescriptor(::socket(address_.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.fd) return lose(socket, "no socket: " + text_of(errno));
  if (!address_.is_unix()) {
    const int yes = 1;
    ::setsockopt(socket.fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  }
  if (::connect(socket.fd.get(), address_.get(), address_.length) != 0 && errno != EINPROGRESS) {
    return fail_to_connect(socket, errno);
  }
  socket.is_connecting = true;
  watch(socket, kIn | kOut, EPOLL_CTL_ADD);
}

void Sockets::adopt(Socket& socket, net::FileDescriptor fd) {
  socket.fd = std::move(fd);
  watch(socket, kIn, EPOLL_CTL_ADD);
}

void Sockets::finish_connecting(Socket& socket) {
  int error = 0;
  socklen_t length = sizeof(error);
  ::getsockopt(socket.fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return fail_to_connect(socket, error);
  socket.is_connecting = false;
  watch(socket, kIn, EPOLL_CTL_MOD);
  events_.connected(socket);
}

void Sockets::fail_to_connect(Socket& socket, int error) {
  lose(socket, "cannot connect to " + address_.str() + ": " + text_of(error));
}

void Sockets::close(Socket& socket) noexcept {
  socket.fd.reset();
  socket.out.clear();
  socket.written = 0;
  socket.is_connecting = false;
  socket.is_full = false;
}

void Sockets::lose(Socket& socket, std::string why) {
  close(socket);
  events_.lost(socket, std::move(why));
}

void Sockets::flush() {
  for (std::size_t i = 0; i < dirty_.size(); ++i) {  // more may be added meanwhile
    dirty_[i]->is_dirty = false;
    flush(*dirty_[i]);
  }
  dirty_.clear();
}

void Sockets::flush(Socket& socket) {
  if (!socket.fd || socket.is_connecting) return;
  while (socket.written < socket.out.size()) {
    const ssize_t sent =
        ::send(socket.fd.get(), socket.out.data() + socket.written, socket.out.size() - socket.written, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      if (!socket.is_full) watch(socket, kIn | kOut, EPOLL_CTL_MOD);
      socket.is_full = true;
      return;
    }
    if (sent < 0) return lose(socket, text_of(errno));
    socket.written += static_cast<std::size_t>(sent);
  }
  socket.out.clear();
  socket.written = 0;
  if (socket.is_full) watch(socket, kIn, EPOLL_CTL_MOD);
  socket.is_full = false;
}

void Sockets::read(Socket& socket) {
  const ssize_t got = ::recv(socket.fd.get(), buffer_.data(), buffer_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) return lose(socket, text_of(errno));
  if (got == 0) return lose(socket, "the server has closed the connection");
  events_.received(socket, {buffer_.data(), static_cast<std::size_t>(got)});
}

void Sockets::wait(std::uint64_t nanoseconds) {
  const timespec timeout{static_cast<time_t>(nanoseconds / kSecond), static_cast<long>(nanoseconds % kSecond)};
  std::array<epoll_event, kEvents> events;
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kEvents, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* socket = static_cast<Socket*>(event.data.ptr);
    if (socket == nullptr) {
      wakeup_.clear();
    } else if (socket->is_connecting) {
      finish_connecting(*socket);
    } else {
      if (socket->fd && (event.events & kOut) != 0) flush(*socket);
      if (socket->fd && (event.events & ~kOut) != 0) read(*socket);
    }
  }
}

}  // namespace hearth::load
