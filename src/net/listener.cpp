#include "net/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace hearth::net {

namespace {

[[noreturn]] void fail(std::string_view address, int error) {
  std::string what = "cannot listen on " + std::string(address);
  if (error == EADDRINUSE) what += " (is another server running there?)";
  throw std::system_error(error, std::generic_category(), what);
}

FileDescriptor make_socket(const Address& address, std::string_view text) {
  FileDescriptor fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) fail(text, errno);
  return fd;
}

void enable(int fd, int level, int option, std::string_view text) {
  const int on = 1;
  if (::setsockopt(fd, level, option, &on, sizeof on) != 0) fail(text, errno);
}

// The IPv4 address that an IPv6 one is a form of (RFC 4291, 2.5.5.2), with its port.
std::optional<std::string> unmapped(const Address& address) {
  if (address.storage.ss_family != AF_INET6) return std::nullopt;
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr;
  if (!IN6_IS_ADDR_V4MAPPED(&v6)) return std::nullopt;
  char text[INET_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof text);
  return std::string(text) + ':' + std::to_string(address.port());
}

FileDescriptor bound_socket(const Address& address, std::string_view text, bool reuse_port) {
  FileDescriptor fd = make_socket(address, text);
  enable(fd.get(), SOL_SOCKET, SO_REUSEADDR, text);
  if (reuse_port) enable(fd.get(), SOL_SOCKET, SO_REUSEPORT, text);
  enable(fd.get(), IPPROTO_TCP, TCP_NODELAY, text);  // what it accepts inherits it
  if (address.storage.ss_family == AF_INET6) enable(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, text);
  if (::bind(fd.get(), address.get(), address.length) != 0) fail(text, errno);
  return fd;
}

// The number in `fd:3`: a socket that whoever started this process has opened.
std::optional<int> handed_in(std::string_view text) {
  constexpr std::string_view kBegin = "fd:";
  if (!text.starts_with(kBegin)) return std::nullopt;
  const std::string_view digits = text.substr(kBegin.size());
  int fd = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fd);
  return error == std::errc() && end == digits.data() + digits.size() ? fd : -1;
}

bool is_listening(int fd) {
  int is = 0;
  socklen_t length = sizeof is;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is, &length) != 0 || is == 0) return false;
  int type = 0;
  length = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

// A socket file that nobody listens on any more is left over from a process that was killed.
void remove_stale_socket(const Address& address, const std::string& path, std::string_view text) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const FileDescriptor probe = make_socket(address, text);
  if (::connect(probe.get(), address.get(), address.length) != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::~SocketFile() {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

ListenerSet::ListenerSet(std::span<const std::string> addresses, unsigned shards) : by_shard_(shards) {
  for (const std::string& text : addresses) {
    if (const auto fd = handed_in(text)) {
      listen_handed_in(*fd, text);
    } else {
      listen_on(resolve(text), text);
    }
  }
}

void ListenerSet::listen() {
  for (const auto& listeners : by_shard_) {
    for (const Listener& listener : listeners) {
      if (::listen(listener.fd.get(), SOMAXCONN) != 0) fail("the addresses given", errno);
    }
  }
}

// A name may stand for addresses of a family that this machine does not use; one that works is enough.
void ListenerSet::listen_on(std::span<const Address> candidates, std::string_view text) {
  const std::size_t before = addresses_.size();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Address& address = candidates[i];
    try {
      if (address.is_unix()) {
        listen_unix(address, text);
      } else {
        listen_tcp(address, text);
      }
    } catch (const std::system_error& error) {
      const int code = error.code().value();
      const bool unusable = code == EADDRNOTAVAIL || code == EAFNOSUPPORT;
      const bool last = i + 1 == candidates.size();
      if (!unusable || (last && addresses_.size() == before)) throw;
    }
  }
}

void ListenerSet::listen_tcp(Address address, std::string_view text) {
  if (const auto plain = unmapped(address)) {
    throw std::invalid_argument("listen address `" + std::string(text) +
                                "`: it is an IPv4 address in the form of IPv6, and IPv6 sockets take IPv6 alone here "
                                "(IPV6_V6ONLY); give " +
                                *plain);
  }
  // With SO_REUSEPORT a second server of the same user could silently take half of the connections, so that the
  // address is tried without it first.
  if (by_shard_.size() > 1 && address.port() != 0) {
    const FileDescriptor probe = bound_socket(address, text, false);
    if (::listen(probe.get(), SOMAXCONN) != 0) fail(text, errno);
  }
  for (auto& listeners : by_shard_) {
    FileDescriptor fd = bound_socket(address, text, by_shard_.size() > 1);
    if (address.port() == 0) {
      Address taken;
      taken.length = sizeof taken.storage;
      if (::getsockname(fd.get(), taken.get(), &taken.length) != 0) fail(text, errno);
      address = taken;
    }
    listeners.push_back({std::move(fd), false});
  }
  addresses_.push_back(address);
}

void ListenerSet::listen_unix(const Address& address, std::string_view text) {
  const std::string path(text.substr(std::string_view("unix:").size()));
  remove_stale_socket(address, path, text);
  FileDescriptor first = make_socket(address, text);
  if (::bind(first.get(), address.get(), address.length) != 0) fail(text, errno);
  socket_files_.emplace_back(path);
  // A file that nobody listens at would be taken for one left over, by whoever starts meanwhile.
  if (::listen(first.get(), SOMAXCONN) != 0) fail(text, errno);
  share(first.get(), text);
  addresses_.push_back(address);
}

void ListenerSet::listen_handed_in(int fd, std::string_view text) {
  if (!is_listening(fd)) {
    throw std::invalid_argument("listen address `" + std::string(text) +
                                "`: it is no stream socket that listens; whoever starts the server has to hand in one");
  }
  Address address;
  address.length = sizeof address.storage;
  if (::getsockname(fd, address.get(), &address.length) != 0) fail(text, errno);
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) fail(text, errno);
  if (!address.is_unix()) enable(fd, IPPROTO_TCP, TCP_NODELAY, text);
  share(fd, text);
  addresses_.push_back(address);
}

void ListenerSet::share(int fd, std::string_view text) {
  for (auto& listeners : by_shard_) {
    FileDescriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!copy) fail(text, errno);
    listeners.push_back({std::move(copy), true});
  }
}

}  // namespace hearth::net
