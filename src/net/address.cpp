#include "net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace hearth::net {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument("listen address `" + std::string(text) + "`: " + std::string(why) +
                              "; give host:port, [v6 address]:port or unix:/path");
}

Address unix_address(std::string_view text, std::string_view path) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.empty()) refuse(text, "the path is empty");
  if (path.size() >= sizeof un.sun_path) refuse(text, "the path is longer than 107 bytes");
  std::memcpy(un.sun_path, path.data(), path.size());
  Address address;
  std::memcpy(&address.storage, &un, sizeof un);
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

struct HostAndPort {
  std::string host;
  std::string port;
};

HostAndPort split(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "it has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number > 65535) {
    refuse(text, "the port is no number from 0 to 65535");
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) refuse(text, "`[` without `]`");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    refuse(text, "an IPv6 address must stand in brackets");
  }
  return {std::string(host), std::string(port)};
}

// Every client's address is written when it authenticates, and inet_ntop takes ten times as long, by printf.
std::string in_dots(const in_addr& address) {
  const std::uint32_t bits = ntohl(address.s_addr);
  std::string text = std::to_string(bits >> 24);
  for (const unsigned shift : {16U, 8U, 0U}) text.append(1, '.').append(std::to_string(bits >> shift & 0xff));
  return text;
}

}  // namespace

std::uint16_t Address::port() const noexcept {
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  return 0;
}

void Address::set_port(std::uint16_t port) noexcept {
  if (storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
  if (storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
}

std::string Address::str() const {
  char text[INET6_ADDRSTRLEN] = "";
  switch (storage.ss_family) {
    case AF_INET:
      return in_dots(reinterpret_cast<const sockaddr_in&>(storage).sin_addr) + ':' + std::to_string(port());
    case AF_INET6:
      inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, text, sizeof text);
      return '[' + std::string(text) + "]:" + std::to_string(port());
    default: {
      const char* path = reinterpret_cast<const sockaddr_un&>(storage).sun_path;
      if (length <= offsetof(sockaddr_un, sun_path) || path[0] == '\0') return "unix";
      return "unix:" + std::string(path);
    }
  }
}

std::vector<Address> resolve(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return {unix_address(text, text.substr(kUnix.size()))};

  const HostAndPort at = split(text);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(at.host.empty() ? nullptr : at.host.c_str(), at.port.c_str(), &hints, &found);
  if (error != 0) refuse(text, "the host cannot be resolved: " + std::string(::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);

  std::vector<Address> addresses;
  for (const addrinfo* at_info = found; at_info != nullptr; at_info = at_info->ai_next) {
    Address address;
    std::memcpy(&address.storage, at_info->ai_addr, at_info->ai_addrlen);
    address.length = at_info->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

std::string peer_address(int fd) {
  Address address;
  address.length = sizeof address.storage;
  if (::getpeername(fd, address.get(), &address.length) != 0) return {};
  return address.str();
}

}  // namespace hearth::net
