#include "websocket/handshake.hpp"

#include "http/head.hpp"
#include "http/response.hpp"
#include "websocket/deflate_agreement.hpp"
#include "websocket/extensions.hpp"

#include <algorithm>
#include <span>

namespace hearth::websocket {
namespace {

constexpr char kTlsHandshake = 0x16;  // the type of a TLS client's first record (RFC 8446, 5.1)

/// What is known of a request that may have to be refused.
struct Request {
  std::size_t length = 0;  ///< of its head
  bool is_head = false;    ///< its method is HEAD: no answer has a body (RFC 9110, 9.3.2)
};

/// `why` ends up as a line of plain text.
RequestHead refuse(const Request& request, unsigned status, std::string_view why, std::string_view fields = {}) {
  RequestHead result;
  result.outcome = RequestHead::Outcome::refused;
  result.consumed = request.length;
  result.response = http::response(status, "text/plain", std::string(why) + "\n", fields, !request.is_head);
  return result;
}

RequestHead refuse_without_upgrade(const Request& request, std::string_view why) {
  return refuse(request, 426, why, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
}

/// Bytes that no request begins with. They are refused at once: what they are will not come to its end.
RequestHead refuse_first_byte(std::string_view received) {
  const bool is_tls = received.front() == kTlsHandshake;
  RequestHead result = refuse({received.size()}, 400,
                              is_tls ? "This port does not speak TLS: use ws:// or http://, or connect to the proxy "
                                       "that ends TLS for it."
                                     : "This is no HTTP/1.1 request.");
  result.is_tls = is_tls;
  return result;
}

constexpr bool is_base64(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// Base64 of 16 bytes.
bool is_valid_key(const http::SingleField& key) noexcept {
  const std::string_view value = key.value;
  return key.count == 1 && value.size() == 24 && value.ends_with("==") &&
         std::all_of(value.begin(), value.end() - 2, is_base64);
}

std::string switching_protocols(std::string_view key, const std::optional<DeflateAgreement>& deflate) {
  std::string response;
  response.reserve(256);
  response =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  response += accept_token(key);
  if (deflate) {
    response += "\r\nSec-WebSocket-Extensions: ";
    response += extension_header(*deflate);
  }
  response += "\r\n\r\n";
  return response;
}

/// Answers a request for the WebSocket path.
RequestHead answer_upgrade(const http::Head& head, const Request& request, const DeflateOptions& deflate) {
  if (head.method != "GET") {
    return refuse(request, 405, "The WebSocket endpoint is for GET alone.", "Allow: GET\r\n");
  }
  if (!head.upgrades_to_websocket) {
    return refuse_without_upgrade(request, "This is a WebSocket endpoint: ask for an upgrade.");
  }
  if (!head.connection_upgrade) {
    return refuse(request, 400, "The Connection field has to name Upgrade.");
  }
  if (!head.is_http_1_1) {
    return refuse(request, 400, "An upgrade needs HTTP/1.1.");
  }
  if (head.has_body) {
    return refuse(request, 400, "An upgrade must not have a body.");
  }
  if (head.version.count > 1) {
    return refuse(request, 400, "The Sec-WebSocket-Version field is repeated.");
  }
  if (head.version.value != "13") {
    return refuse_without_upgrade(request, "Sec-WebSocket-Version has to be 13.");
  }
  if (!is_valid_key(head.key)) {
    return refuse(request, 400, "Sec-WebSocket-Key has to be 16 bytes in base64, given once.");
  }
  const auto offers = parse_extensions(head.extensions);
  if (!offers) {
    return refuse(request, 400, "The Sec-WebSocket-Extensions field is malformed.");
  }

  RequestHead result;
  result.outcome = RequestHead::Outcome::upgrade;
  result.consumed = request.length;
  result.deflate = agree_on_deflate(std::span(*offers), deflate);
  result.host = head.host.value;
  result.origin = head.origin.value;
  result.repeats_origin = head.origin.count > 1;
  result.is_forwarded = head.is_forwarded;
  result.response = switching_protocols(head.key.value, result.deflate);
  return result;
}

RequestHead too_long(const Request& request) {
  return refuse(request, 431, "The head of the request is longer than 16 KiB.");
}

/// Reads a head that is there whole.
RequestHead read_whole(std::string_view text, const Request& request, std::string_view path,
                       const DeflateOptions& deflate) {
  http::HeadResult parsed = http::parse_request_head(text);
  if (parsed.error) {
    return refuse(request, 400, "This is no HTTP/1.1 request: " + parsed.error.message() + ".");
  }
  http::Head& head = parsed.head;
  if (head.host.count > 1 || (head.host.count == 0 && head.is_http_1_1)) {
    return refuse(request, 400, "The Host field has to be given, once.");
  }
  const std::string_view asked = http::path_of(head.target);
  RequestHead result;
  if (path.empty() || http::same_path(asked, path)) {
    result = answer_upgrade(head, request, deflate);
    if (result.outcome == RequestHead::Outcome::upgrade) {
      result.target = asked;
    }
    if (head.upgrades_to_websocket) {
      return result;
    }
  } else {
    result.outcome = RequestHead::Outcome::plain;
    result.consumed = request.length;
  }
  result.target = asked;
  result.method = std::move(head.method);
  result.body_size = head.body_size;
  result.has_coded_body = head.has_coded_body;
  return result;
}

}  // namespace

RequestHead read_request_head(std::string_view received, std::size_t scanned, std::string_view path,
                              const DeflateOptions& deflate) {
  constexpr std::string_view kEmptyLine = "\r\n";
  // One empty line before the request is ignored (RFC 9112, 2.2).
  const std::size_t skipped = received.starts_with(kEmptyLine) ? kEmptyLine.size() : 0;
  std::string_view text = received.substr(skipped);
  if (text.empty()) {
    return {};
  }
  if (!http::may_begin_request(text.front()) || (skipped != 0 && text.front() == '\r')) {
    return refuse_first_byte(text);
  }
  const std::optional<std::size_t> end = http::find_head_end(text, scanned - std::min(scanned, skipped));
  if (!end && received.size() < http::kMaxRequestHead) {
    return {};
  }
  text = text.substr(0, end.value_or(text.size()));
  const Request request{skipped + text.size(), text.starts_with("HEAD ")};
  if (!end || request.length > http::kMaxRequestHead) {
    return too_long(request);
  }
  return read_whole(text, request, path, deflate);
}

}  // namespace hearth::websocket
