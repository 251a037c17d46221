#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::http {

/// Longest header of the PROXY protocol that is read, with whatever it carries beside addresses.
inline constexpr std::size_t kMaxProxyHeader = 4096;

/// The header with which a connection through a proxy begins.
struct ProxyHeader {
  enum class Outcome : std::uint8_t {
    need_more,
    read,
    malformed,  ///< it is none, a longer one, or one for something else than streams
  };

  Outcome outcome = Outcome::need_more;
  std::size_t consumed = 0;  ///< its length, if it was read
  /// Where the connection comes from: `192.0.2.1:5000`, `[2001:db8::1]:5000`, `unix`; empty if it is the proxy's own,
  /// or the proxy does not know.
  std::string address{};
};

/// Reads a header of version 1 or 2 from everything received so far (haproxy.org, "The PROXY protocol", revised
/// 2020-03-05). Says `malformed` as soon as it is certain.
ProxyHeader read_proxy_header(std::string_view received);

}  // namespace hearth::http
