#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hearth::http {

/// Longest head of a request, request line and fields together; past it the answer is 431.
inline constexpr std::size_t kMaxRequestHead = 16 * 1024;

/// A field that must not be repeated: how often it came, and its first value.
struct SingleField {
  unsigned count = 0;
  std::string value;
};

/// What the server looks at in the head of an HTTP request or response.
struct Head {
  std::string method;   ///< of a request
  std::string target;   ///< of a request
  unsigned status = 0;  ///< of a response
  bool is_http_1_1 = false;

  bool upgrades_to_websocket = false;  ///< `Upgrade` lists websocket
  bool connection_upgrade = false;     ///< `Connection` lists upgrade
  bool is_forwarded = false;           ///< `Forwarded` or `X-Forwarded-For` is there
  bool has_body = false;
  std::size_t body_size = 0;    ///< `Content-Length`, 0 if there is none
  bool has_coded_body = false;  ///< `Transfer-Encoding` is given, so that the length shows only at the body's end
  SingleField host;
  SingleField origin;
  SingleField key;
  SingleField version;
  SingleField accept;
  SingleField protocol;
  std::string extensions;  ///< all `Sec-WebSocket-Extensions` fields, joined as one list
};

/// Where the head that begins at the front of `received` ends (past its empty line), if it is complete. `scanned` is
/// how many of the bytes an earlier call saw.
std::optional<std::size_t> find_head_end(std::string_view received, std::size_t scanned) noexcept;

/// Reads a complete head, as HTTP/1.0 or 1.1. The error says what is wrong with it.
struct HeadResult {
  Head head;
  std::error_code error;
};

HeadResult parse_request_head(std::string_view head);
HeadResult parse_response_head(std::string_view head);

/// The path of a request's target, which may be a whole URL (RFC 9112, 3.2.2); without the query; of a URL
/// that has none, `/`.
std::string_view path_of(std::string_view target) noexcept;

/// Whether two paths are the same once percent-decoded (RFC 3986, 2.1): `/é` is what browsers send as `/%C3%A9`. A `%`
/// without two digits stands for itself.
bool same_path(std::string_view one, std::string_view other) noexcept;

/// Whether a request, or an empty line before one (RFC 9112, 2.2), may begin with this byte.
bool may_begin_request(char first) noexcept;

}  // namespace hearth::http
