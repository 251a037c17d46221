#include "remote/api_place.hpp"

#include "config/text_checks.hpp"
#include "config/url.hpp"

#include <charconv>

namespace hearth::app {

namespace {

constexpr std::string_view kUnix = "unix:";

std::string without_brackets(std::string_view host) {
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  return std::string(is_bracketed ? host.substr(1, host.size() - 2) : host);
}

bool is_any(std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "*"; }

}  // namespace

std::string ApiPlace::str() const {
  if (!socket.empty()) return std::string(kUnix) + socket;
  return (is_secure ? "https://" : "") + host_field();
}

std::string ApiPlace::host_field() const {
  if (!socket.empty()) return "localhost";
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::optional<ApiPlace> parse_place(std::string_view text) {
  if (text.find("://") == std::string_view::npos) return place_of(text);
  const auto url = config::parse_url(text);
  if (!url || url->target != "/") return std::nullopt;
  return ApiPlace{without_brackets(url->host), url->port, {}, url->scheme == "https"};
}

std::optional<ApiPlace> place_of(std::string_view address) {
  if (config::check_address(std::string(address))) return std::nullopt;
  if (address.starts_with(kUnix)) return ApiPlace{{}, 0, std::string(address.substr(kUnix.size()))};
  const std::string_view host = config::host_of(address);
  const std::string_view digits = address.substr(address.rfind(':') + 1);
  ApiPlace place;
  std::from_chars(digits.data(), digits.data() + digits.size(), place.port);
  if (place.port == 0) return std::nullopt;
  place.host = is_any(host) ? "127.0.0.1" : host == "[::]" ? "::1" : without_brackets(host);
  return place;
}

}  // namespace hearth::app
