#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// Where the HTTP API of a server is.
struct ApiPlace {
  std::string host{};  ///< a name or an address, without the brackets of IPv6
  std::uint16_t port = 0;
  std::string socket{};    ///< path of a Unix socket, in place of the two above
  bool is_secure = false;  ///< it speaks TLS

  /// As people write it: `127.0.0.1:9080`, `https://[::1]:9080`, `unix:/run/hearth.sock`.
  std::string str() const;
  /// For the field `Host`.
  std::string host_field() const;
  bool operator==(const ApiPlace&) const = default;
};

/// `https://host`, `http://host:port`, `host:port` (without TLS), `[v6 address]:port`, `:port` (this machine) or
/// `unix:/path`. Nothing if it is none of them.
std::optional<ApiPlace> parse_place(std::string_view text);

/// How a server on this machine is reached that listens on an address of a configuration: `0.0.0.0:9080` is at
/// 127.0.0.1. Nothing if its port is one that the system chooses.
std::optional<ApiPlace> place_of(std::string_view address);

}  // namespace hearth::app
