#include "websocket/handshake.hpp"

#include "http/head.hpp"
#include "http/response.hpp"
#include "websocket/deflate_agreement.hpp"
#include "websocket/extensions.hpp"

#include <algorithm>
#include <span>

namespace hearth::websocket {
namespace {

/// `body` ends up as a line of plain text.
RequestHead refuse(std::size_t consumed, unsigned status, std::string_view why, std::string_view fields = {}) {
  RequestHead result;
  result.outcome = RequestHead::Outcome::refused;
  result.consumed = consumed;
  result.response = http::response(status, "text/plain", std::string(why) + "\n", fields);
  return result;
}

RequestHead refuse_without_upgrade(std::size_t consumed, std::string_view why) {
  return refuse(consumed, 426, why, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
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
RequestHead answer_upgrade(const http::Head& head, std::size_t consumed, const DeflateOptions& deflate) {
  if (head.method != "GET") {
    return refuse(consumed, 405, "The WebSocket endpoint is for GET alone.", "Allow: GET\r\n");
  }
  if (!head.upgrades_to_websocket) {
    return refuse_without_upgrade(consumed, "This is a WebSocket endpoint: ask for an upgrade.");
  }
  if (!head.connection_upgrade) {
    return refuse(consumed, 400, "The Connection field has to name Upgrade.");
  }
  if (!head.is_http_1_1) {
    return refuse(consumed, 400, "An upgrade needs HTTP/1.1.");
  }
  if (head.has_body) {
    return refuse(consumed, 400, "An upgrade must not have a body.");
  }
  if (head.version.count > 1) {
    return refuse(consumed, 400, "The Sec-WebSocket-Version field is repeated.");
  }
  if (head.version.value != "13") {
    return refuse_without_upgrade(consumed, "Sec-WebSocket-Version has to be 13.");
  }
  if (!is_valid_key(head.key)) {
    return refuse(consumed, 400, "Sec-WebSocket-Key has to be 16 bytes in base64, given once.");
  }
  const auto offers = parse_extensions(head.extensions);
  if (!offers) {
    return refuse(consumed, 400, "The Sec-WebSocket-Extensions field is malformed.");
  }

  RequestHead result;
  result.outcome = RequestHead::Outcome::upgrade;
  result.consumed = consumed;
  result.deflate = agree_on_deflate(std::span(*offers), deflate);
  result.host = head.host.value;
  result.origin = head.origin.value;
  result.repeats_origin = head.origin.count > 1;
  result.response = switching_protocols(head.key.value, result.deflate);
  return result;
}

RequestHead too_long(std::size_t consumed) {
  return refuse(consumed, 431, "The head of the request is longer than 16 KiB.");
}

}  // namespace

RequestHead read_request_head(std::string_view received, std::size_t scanned, std::string_view path,
                              const DeflateOptions& deflate) {
  const std::optional<std::size_t> end = http::find_head_end(received, scanned);
  if (!end) {
    return received.size() < http::kMaxRequestHead ? RequestHead{} : too_long(received.size());
  }
  if (*end > http::kMaxRequestHead) {
    return too_long(*end);
  }
  http::HeadResult parsed = http::parse_request_head(received.substr(0, *end));
  if (parsed.error) {
    return refuse(*end, 400, "This is no HTTP/1.1 request: " + parsed.error.message() + ".");
  }
  http::Head& head = parsed.head;
  if (head.host.count > 1 || (head.host.count == 0 && head.is_http_1_1)) {
    return refuse(*end, 400, "The Host field has to be given, once.");
  }
  const std::string_view asked = http::path_of(head.target);
  RequestHead result;
  if (path.empty() || asked == path) {
    result = answer_upgrade(head, *end, deflate);
    if (result.outcome == RequestHead::Outcome::upgrade) {
      result.target = asked;
    }
    if (head.upgrades_to_websocket) {
      return result;
    }
  } else {
    result.outcome = RequestHead::Outcome::plain;
    result.consumed = *end;
  }
  result.target = asked;
  result.method = std::move(head.method);
  result.body_size = head.body_size;
  result.has_coded_body = head.has_coded_body;
  return result;
}

}  // namespace hearth::websocket
