#include "http/origins.hpp"

#include "http/fields.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace hearth::http {

namespace {

[[noreturn]] void refuse(const std::string& origin, const std::string& why) {
  throw std::invalid_argument("`" + origin + "` is no origin: " + why +
                              "; give https://example.com, https://*.example.com, same-host, loopback or *");
}

/// An origin in its parts.
struct Parts {
  std::string scheme;  ///< with `://`
  std::string host;    ///< with the port
};

std::optional<Parts> split(std::string_view origin) {
  const std::size_t end = origin.find("://");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  return Parts{std::string(origin.substr(0, end + 3)), std::string(origin.substr(end + 3))};
}

std::optional<boost::asio::ip::address> address_of(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return error ? std::nullopt : std::optional(address);
}

// What browsers leave out of an origin, and may be in a `Host`.
std::string_view without_default_port(std::string_view host, std::string_view scheme) noexcept {
  const std::string_view port = scheme == "https://" ? ":443" : ":80";
  return host.ends_with(port) ? host.substr(0, host.size() - port.size()) : host;
}

}  // namespace

std::string_view without_port(std::string_view host) noexcept {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

bool is_loopback_host(std::string_view host) {
  const std::string name = lower_case(without_port(host));
  if (name == "localhost" || name.ends_with(".localhost")) return true;  // RFC 6761, 6.3
  const auto address = address_of(name);
  return address && address->is_loopback();
}

bool is_address_host(std::string_view host) { return address_of(without_port(host)).has_value(); }

Origins::Origins(std::span<const std::string> allowed) : allows_all_(allowed.empty()) {
  for (const std::string& given : allowed) {
    const std::string origin = lower_case(given);
    if (origin == "*") {
      allows_all_ = true;
    } else if (origin == "same-host") {
      same_host_ = true;
    } else if (origin == "loopback") {
      loopback_ = true;
    } else if (origin == "null") {
      exact_.push_back(origin);  // pages from files, and sandboxed ones
    } else {
      const auto parts = split(origin);
      if (!parts) refuse(given, "it has no scheme");
      if (parts->host.empty()) refuse(given, "it has no host");
      if (parts->host.find_first_of("/?#@ ") != std::string::npos)
        refuse(given, "it has more than scheme, host and port");
      const bool is_wild = parts->host.starts_with("*.");
      if (parts->host.find('*', is_wild ? 1 : 0) != std::string::npos) {
        refuse(given, "a `*` stands at the beginning of the host, before a dot");
      }
      if (is_wild) {
        wildcards_.push_back({parts->scheme, parts->host.substr(1)});
      } else {
        exact_.push_back(parts->scheme + std::string(without_default_port(parts->host, parts->scheme)));
      }
    }
  }
}

bool Origins::allow(std::string_view given, std::string_view host, bool from_loopback) const {
  if (allows_all_) return true;
  const std::string origin = lower_case(given);
  if (std::find(exact_.begin(), exact_.end(), origin) != exact_.end()) return true;
  const auto parts = split(origin);
  if (!parts) return false;
  if (same_host_ && parts->host == without_default_port(lower_case(host), parts->scheme)) return true;
  if (loopback_ && from_loopback && is_loopback_host(parts->host)) return true;
  return std::any_of(wildcards_.begin(), wildcards_.end(), [&](const Wildcard& wildcard) {
    return parts->scheme == wildcard.scheme && parts->host.size() > wildcard.suffix.size() &&
           parts->host.ends_with(wildcard.suffix);
  });
}

}  // namespace hearth::http
