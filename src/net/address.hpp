#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::net {

/// A socket's address of any family.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  bool is_unix() const noexcept { return storage.ss_family == AF_UNIX; }
  std::uint16_t port() const noexcept;  ///< 0 when it has none
  void set_port(std::uint16_t port) noexcept;
  /// `127.0.0.1:80`, `[::1]:80`, `unix:/path`, or `unix` for a socket without a name.
  std::string str() const;
};

/// Reads `host:port`, `[v6]:port`, `:port` (all interfaces) or `unix:/path` and resolves a host name, which may block
/// and may give several addresses. Throws std::invalid_argument that says what is wrong with `text`.
std::vector<Address> resolve(std::string_view text);

/// The other end of a connected socket.
std::string peer_address(int fd);

}  // namespace hearth::net
