#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::http {

/// Which web pages may connect, by the `Origin` that browsers send (RFC 6455, 10.2). Lower-case letters and others are
/// the same in scheme and host.
class Origins {
 public:
  /// Each is an origin (`https://example.com`), one with a wildcard in place of the first labels
  /// (`https://*.example.com`), `same-host` (host and port of `Origin` are those of `Host`), `loopback` (an origin on
  /// localhost, 127.0.0.0/8 or [::1], on a connection that comes from there), or `*` (all). None at all: every page
  /// may. Throws std::invalid_argument that says what is wrong with one.
  explicit Origins(std::span<const std::string> allowed = {});

  bool allows_all() const noexcept { return allows_all_; }
  /// `host` is the field `Host`; `from_loopback`: the other end of the connection is on this machine.
  bool allow(std::string_view origin, std::string_view host, bool from_loopback) const;

 private:
  struct Wildcard {
    std::string scheme;  ///< with `://`
    std::string suffix;  ///< `.example.com`, with the port if there is one
  };

  bool allows_all_ = true;
  bool same_host_ = false;
  bool loopback_ = false;
  std::vector<std::string> exact_;
  std::vector<Wildcard> wildcards_;
};

/// Whether a `Host`, which may have a port, is `localhost` or an address of this machine's loopback.
bool is_loopback_host(std::string_view host);
/// Whether it is an IP address.
bool is_address_host(std::string_view host);
/// Without the port.
std::string_view without_port(std::string_view host) noexcept;

}  // namespace hearth::http
