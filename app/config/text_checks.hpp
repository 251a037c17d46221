#pragma once

#include "config/slot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hearth::config {

// What is wrong with a text that stands for something; nothing if it is right.

/// `host:port`, `[v6 address]:port`, `:port` or `unix:/path`, to listen on.
Wrong check_address(const std::string& address);
/// Of an HTTP endpoint.
Wrong check_path(const std::string& path);
/// An entry of `allowed_origins`.
Wrong check_origin(const std::string& origin);
/// `10.0.0.0/8`, `fd00::/8`, or `unix`.
Wrong check_proxy(const std::string& proxy);
/// A field of an HTTP request, in lower case.
Wrong check_field(const std::string& name);
/// `http://…` or `https://…`.
Wrong check_url(const std::string& url);
/// The same; `http` only for this machine.
Wrong check_guarded_url(const std::string& url);
/// As `--redis` takes it. Says nothing of what may be a password.
Wrong check_redis_url(const std::string& url);
/// A secret that signs: `whsec_` and base64, or any text of 24 bytes up.
Wrong check_webhook_secret(const std::string& secret);
/// A key of the API, or of HMAC, has so many bytes at least.
Wrong check_length(const std::string& secret, std::size_t least);
/// The algorithm of a token.
Wrong check_algorithm(const std::string& name);
/// A check for one of a few words.
CheckText one_of(std::vector<std::string_view> words);

/// The host of an address that check_address found right; empty for all interfaces and for Unix sockets.
std::string_view host_of(std::string_view address);

}  // namespace hearth::config
