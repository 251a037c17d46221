#include "config/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace hearth::config {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_ipv6(std::string_view bracketed) {
  in6_addr address{};
  const std::string inside(bracketed.substr(1, bracketed.size() - 2));
  return ::inet_pton(AF_INET6, inside.c_str(), &address) == 1;
}

bool is_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const auto is_wrong = [](unsigned char c) { return c <= ' ' || c >= 0x7f || c == '#'; };
  if (std::any_of(text.begin(), text.end(), is_wrong)) return std::nullopt;
  Url url;
  for (const auto& [scheme, port] : {std::pair("http", 80), std::pair("https", 443)}) {
    const std::string begin = std::string(scheme) + "://";
    if (!text.starts_with(begin)) continue;
    url.scheme = scheme;
    url.port = static_cast<std::uint16_t>(port);
    text.remove_prefix(begin.size());
    break;
  }
  if (url.scheme.empty()) return std::nullopt;
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  const std::string_view rest = text.substr(authority.size());
  url.target = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
  const std::size_t colon =
      authority.find(':', authority.find(']') == std::string_view::npos ? 0 : authority.find(']'));
  if (colon != std::string_view::npos) {
    const auto port = parse_port(authority.substr(colon + 1));
    if (!port) return std::nullopt;
    url.port = *port;
    authority = authority.substr(0, colon);
  }
  const bool is_bracketed = authority.starts_with('[') && authority.ends_with(']');
  if (is_bracketed ? !is_ipv6(authority) : !is_name(authority)) return std::nullopt;
  url.host = authority;
  return url;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 && host.starts_with("127.");
}

}  // namespace hearth::config
