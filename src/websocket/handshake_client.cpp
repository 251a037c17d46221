#include "http/head.hpp"
#include "websocket/deflate_agreement.hpp"
#include "websocket/error.hpp"
#include "websocket/extensions.hpp"
#include "websocket/handshake.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hearth::websocket {
namespace {

bool is_upgrade(const http::Head& head, std::string_view key) {
  return head.status == 101 && head.is_http_1_1 && head.upgrades_to_websocket && head.connection_upgrade &&
         head.accept.count == 1 && head.accept.value == accept_token(key) && head.protocol.count == 0;
}

}  // namespace

std::string upgrade_request(std::string_view host, std::string_view target, std::string_view key,
                            std::string_view extensions) {
  std::string request = "GET ";
  request += target;
  request += " HTTP/1.1\r\nHost: ";
  request += host;
  request += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  request += key;
  if (!extensions.empty()) {
    request += "\r\nSec-WebSocket-Extensions: ";
    request += extensions;
  }
  request += "\r\n\r\n";
  return request;
}

ResponseHead read_response_head(std::string_view received, std::string_view key) {
  ResponseHead result;
  const std::optional<std::size_t> end = http::find_head_end(received, 0);
  if (!end && received.size() < http::kMaxRequestHead) {
    return result;
  }
  result.complete = true;
  result.error = Error::invalid_response;
  result.consumed = end.value_or(received.size());
  if (!end || *end > http::kMaxRequestHead) {
    return result;
  }
  const http::HeadResult parsed = http::parse_response_head(received.substr(0, *end));
  result.status = parsed.head.status;
  if (parsed.error || !is_upgrade(parsed.head, key)) {
    return result;
  }
  const auto extensions = parse_extensions(parsed.head.extensions);
  if (!extensions || extensions->size() > 1) {
    return result;
  }
  if (!extensions->empty()) {
    result.deflate = read_deflate_answer(extensions->front());
    if (!result.deflate) {
      return result;
    }
  }
  result.error = {};
  return result;
}

}  // namespace hearth::websocket
