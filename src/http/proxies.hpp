#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::http {

/// The proxies in front of a server that are believed what they say of where a client comes from.
class Proxies {
 public:
  /// Each is an address, a network (`10.0.0.0/8`, `2001:db8::/32`), or `unix`: all that connect to a Unix socket.
  /// Throws std::invalid_argument that says what is wrong with one.
  explicit Proxies(std::span<const std::string> trusted = {});

  bool any() const noexcept { return trusts_unix_ || !networks_.empty(); }
  /// `peer` is an address with its port or without, `192.0.2.1:5000`, `[2001:db8::1]:80`, or `unix`.
  bool trusts(std::string_view peer) const;
  /// Where the request came from whose head a proxy that is trusted has passed on: the last address in the fields
  /// `X-Forwarded-For` that is no trusted one; the first if all are. In brackets if it is an IPv6 one, with a port if
  /// it has one there. Empty if nothing is said, or nothing that can be read stands last.
  std::string client_of(std::string_view head) const;

 private:
  /// Of IPv6; IPv4 ones are ::ffff:0:0/96 there (RFC 4291, 2.5.5.2).
  using Bytes = std::array<std::uint8_t, 16>;
  struct Network {
    Bytes address;
    unsigned bits;  ///< of the prefix
  };
  struct Forwarded {
    Bytes address;
    std::string text;
  };

  static Network network_of(const std::string& text);
  static bool read(std::string_view entry, Forwarded& forwarded);
  bool trusts(const Bytes& address) const noexcept;

  bool trusts_unix_ = false;
  std::vector<Network> networks_;
};

}  // namespace hearth::http
