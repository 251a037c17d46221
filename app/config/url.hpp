#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::config {

/// An `http` or `https` URL, in its parts.
struct Url {
  std::string scheme;  ///< `http` or `https`
  std::string host;    ///< a name, an IPv4 address, or an IPv6 address in brackets
  std::uint16_t port = 0;
  std::string target;  ///< path and query, beginning with `/`
};

/// Nothing if it is none, or has a user name or a fragment.
std::optional<Url> parse_url(std::string_view text);

/// Whether a host, as it stands in a URL or an address, is this machine for certain: `localhost`, 127.0.0.0/8, `[::1]`.
bool is_loopback(std::string_view host);

}  // namespace hearth::config
