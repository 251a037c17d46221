#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::net {

namespace {

constexpr int kAcceptsATick = 64;             // of one listener; the rest wait for the next tick
constexpr Millis kAcceptRetry{1'000};         // while no descriptor is free
constexpr Millis kAcceptLogInterval{10'000};  // between log lines about that

bool out_of_resources(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

void Loop::listen(std::vector<Listener> listeners) {
  listeners_ = std::move(listeners);
  reserve_descriptors(options_.reserved_descriptors);
  watch_listeners();
}

void Loop::reserve_descriptors(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  descriptor_limit_ = static_cast<std::size_t>(limit.rlim_cur);
  descriptor_limit_ -= std::min(descriptor_limit_ / 2, count);
}

// A socket that several epolls share wakes one of them.
void Loop::watch_listeners() {
  for (Listener& listener : listeners_) {
    const std::uint32_t events = listener.shared ? std::uint32_t{EPOLLIN} | std::uint32_t{EPOLLEXCLUSIVE} : EPOLLIN;
    watch(listener.fd.get(), &listener, events);
  }
}

void Loop::accept_from(Listener& listener) {
  for (int i = 0; i < kAcceptsATick; ++i) {
    FileDescriptor fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd && is_reserved(fd.get())) {
      return pause_accepting(EMFILE);
    } else if (fd) {
      admit(std::move(fd));
    } else if (out_of_resources(errno)) {
      return pause_accepting(errno);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

// The kernel gives the lowest number that is free.
bool Loop::is_reserved(int fd) const noexcept {
  return descriptor_limit_ != 0 && static_cast<std::size_t>(fd) >= descriptor_limit_;
}

void Loop::admit(FileDescriptor fd) {
  std::unique_ptr<Connection> connection;
  try {
    if (options_.proxy_protocol && !may_announce(fd)) return;
    connection = application_.make_connection();
    watch(fd.get(), connection.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  } catch (const std::exception& error) {
    counters_.contained_errors.add();
    options_.log(LogLevel::error, "connection_failed", "a connection was refused, something was thrown",
                 {{"what", error.what()}});
    return;
  }
  connection->stream_ = Stream(std::move(fd));
  connection->is_announced_ = !options_.proxy_protocol;
  if (options_.tls) connection->phase_ = Connection::Phase::securing;
  upgrading_.add(*connection, now_);
  quiet_.add(*connection, now_);
  counters_.accepted.add();
  counters_.open.add();
  static_cast<void>(connection.release());  // in quiet_ or pinged_ until it is dead, in graveyard_ then
}

void Loop::pause_accepting(int error) noexcept {
  accept_paused_ = true;
  accept_again_ = now_ + kAcceptRetry;
  counters_.accept_pauses.add();
  for (Listener& listener : listeners_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener.fd.get(), nullptr);
  if (accept_logged_ != TimePoint{} && now_ - accept_logged_ < kAcceptLogInterval) return;
  accept_logged_ = now_;
  options_.log(LogLevel::warning, "accepting_paused",
               "no descriptor is free, accepting is paused until a connection closes; raise the limit (ulimit -n) to "
               "hold more clients",
               {{"why", ::strerrordesc_np(error)}});
}

void Loop::resume_accepting() noexcept {
  accept_paused_ = false;
  if (!accepting_) return;
  try {
    watch_listeners();
  } catch (const std::system_error& error) {
    pause_accepting(error.code().value());
  }
}

void Loop::stop_accepting() {
  accepting_ = false;
  accept_paused_ = false;
  for (Listener& listener : listeners_) {
    // Closing alone does not take a socket out of the epoll while other shards hold copies of it.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener.fd.get(), nullptr);
    listener.fd.reset();
  }
}

}  // namespace hearth::net
