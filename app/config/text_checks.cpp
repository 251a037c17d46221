#include "config/text_checks.hpp"

#include "config/suggestion.hpp"
#include "config/url.hpp"
#include "hearth/redis_options.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace hearth::config {

namespace {

constexpr std::array<std::string_view, 13> kAlgorithms{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
                                                       "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};
constexpr std::size_t kLeastWebhookSecret = 24;

template <class... Parts>
std::string is(std::string_view text, const Parts&... parts) {
  std::string out = "is `" + std::string(text) + "`";
  (out.append(parts), ...);
  return out;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
  return number;
}

bool is_ip(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string with_alternatives(std::string_view word, const std::vector<std::string_view>& words) {
  std::string out = is(word);
  if (const auto near = nearest(word, words)) return out + "; did you mean " + std::string(*near) + "?";
  out += "; there are ";
  for (std::size_t i = 0; i < words.size(); ++i) {
    out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + std::string(words[i]);
  }
  return out;
}

}  // namespace

std::string_view host_of(std::string_view address) {
  return address.starts_with("unix:") ? std::string_view() : address.substr(0, address.rfind(':'));
}

Wrong check_address(const std::string& address) {
  constexpr std::string_view kForms = "; give host:port, [v6 address]:port or unix:/path";
  if (address.starts_with("unix:")) {
    const std::size_t length = address.size() - std::string_view("unix:").size();
    if (length == 0) return is(address, ", without a path", kForms);
    if (length >= sizeof(sockaddr_un::sun_path))
      return is(address, "; the path of a Unix socket has at most 107 bytes");
    return std::nullopt;
  }
  if (address.find('/') != std::string::npos) return is(address, "; an address has no scheme and no path", kForms);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return is(address, ", without a port", kForms);
  if (!parse_number(std::string_view(address).substr(colon + 1), 65'535)) {
    return is(address, "; a port is a number from 0 to 65535");
  }
  const std::string_view host = host_of(address);
  if (host.starts_with('[')) {
    const bool is_v6 = host.ends_with(']') && is_ip(AF_INET6, host.substr(1, host.size() - 2));
    return is_v6 ? Wrong() : is(address, "; what stands in brackets is an IPv6 address");
  }
  if (host.find(':') != std::string_view::npos) return is(address, "; an IPv6 address stands in brackets");
  return std::nullopt;
}

Wrong check_path(const std::string& path) {
  if (!path.starts_with('/')) return is(path, "; a path begins with `/`");
  const auto is_wrong = [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '?' || c == '#'; };
  if (std::any_of(path.begin(), path.end(), is_wrong)) {
    return is(path,
              ", with a space, a control character, `?` or `#` in it; if it is meant, write it percent-encoded, as in "
              "%20");
  }
  return std::nullopt;
}

Wrong check_origin(const std::string& origin) {
  constexpr std::string_view kForms =
      R"(; give "https://app.example.com", "https://*.example.com", "same-host", "loopback" or "*")";
  if (origin == "*" || origin == "same-host" || origin == "loopback" || origin == "null") return std::nullopt;
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string::npos || scheme == 0) return is(origin, ", without a scheme", kForms);
  const std::string_view host = std::string_view(origin).substr(scheme + 3);
  if (host.empty()) return is(origin, ", without a host", kForms);
  if (host.find_first_of("/?#@ ") != std::string_view::npos) {
    return is(origin, "; an origin is a scheme, a host and maybe a port, without `/` after them");
  }
  const std::size_t star = host.find('*');
  if (star != std::string_view::npos && (!host.starts_with("*.") || host.find('*', 1) != std::string_view::npos)) {
    return is(origin, "; `*` stands for what is before a domain alone, as in \"https://*.example.com\"");
  }
  return std::nullopt;
}

Wrong check_proxy(const std::string& proxy) {
  if (proxy == "unix") return std::nullopt;
  const std::size_t slash = proxy.find('/');
  const std::string_view address = std::string_view(proxy).substr(0, slash);
  const int family = address.find(':') == std::string_view::npos ? AF_INET : AF_INET6;
  const std::string all = family == AF_INET ? "32" : "128";
  if (!is_ip(family, address)) return is(proxy, R"(; give addresses such as "10.0.0.0/8" or "fd00::/8", or "unix")");
  if (slash == std::string::npos) return is(proxy, "; for this address alone, give `", proxy, "/", all, "`");
  if (!parse_number(std::string_view(proxy).substr(slash + 1), family == AF_INET ? 32 : 128)) {
    return is(proxy, "; after the `/` stands a number from 0 to ", all);
  }
  return std::nullopt;
}

Wrong check_field(const std::string& name) {
  if (std::all_of(name.begin(), name.end(), [](char c) { return is_lower_or_digit(c) || c == '-' || c == '_'; })) {
    return std::nullopt;
  }
  return is(name, "; give the name of a request's field in lower case, such as \"user-agent\"");
}

Wrong check_url(const std::string& url) {
  if (parse_url(url)) return std::nullopt;
  const std::size_t host = url.find("://");
  if (host != std::string::npos && url.find('@', host) != std::string::npos) {
    return "has a user name in it, which would end in logs; requests are signed instead";
  }
  return is(url,
            ", no URL; give http:// or https://, a host, and what follows it, such as "
            "\"https://example.com/hearth\"");
}

Wrong check_guarded_url(const std::string& url) {
  if (Wrong wrong = check_url(url)) return wrong;
  const auto parsed = parse_url(url);
  if (parsed->scheme == "https" || is_loopback(parsed->host)) return std::nullopt;
  return is(url,
            "; keys have to come by https, unless from this machine: whoever can change them on the way can sign "
            "tokens");
}

Wrong check_redis_url(const std::string& url) {
  try {
    static_cast<void>(RedisOptions::from_url(url));
  } catch (const std::invalid_argument& error) {
    std::string_view why = error.what();
    constexpr std::string_view kBegin = "Redis URL: ";
    if (const std::size_t at = why.find(kBegin); at != std::string_view::npos) why.remove_prefix(at + kBegin.size());
    return "is no URL of Redis: " + std::string(why);
  }
  return std::nullopt;
}

Wrong check_webhook_secret(const std::string& secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return check_length(secret, kLeastWebhookSecret);
  std::string_view base64 = std::string_view(secret).substr(kPrefix.size());
  const std::size_t padding = base64.size() - std::min(base64.size(), base64.find_last_not_of('=') + 1);
  const auto is_base64 = [](char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '+' || c == '/'; };
  base64.remove_suffix(padding);
  if (padding > 2 || !std::all_of(base64.begin(), base64.end(), is_base64) || base64.size() % 4 == 1) {
    return "begins with whsec_, and what follows is no base64";
  }
  const std::size_t bytes = base64.size() * 3 / 4;
  if (bytes >= kLeastWebhookSecret) return std::nullopt;
  return "is " + std::to_string(bytes) + " bytes in base64; it needs at least " + std::to_string(kLeastWebhookSecret);
}

Wrong check_length(const std::string& secret, std::size_t least) {
  if (secret.size() >= least) return std::nullopt;
  return "is " + std::to_string(secret.size()) + " bytes; it needs at least " + std::to_string(least);
}

Wrong check_algorithm(const std::string& name) {
  if (name == "Ed25519" || std::find(kAlgorithms.begin(), kAlgorithms.end(), name) != kAlgorithms.end()) {
    return std::nullopt;
  }
  if (name == "none") return "has `none` in it, which would accept tokens that nobody has signed";
  return with_alternatives(name, {kAlgorithms.begin(), kAlgorithms.end()});
}

CheckText one_of(std::vector<std::string_view> words) {
  return [words = std::move(words)](const std::string& word) -> Wrong {
    if (std::find(words.begin(), words.end(), word) != words.end()) return std::nullopt;
    return with_alternatives(word, words);
  };
}

}  // namespace hearth::config
