// Whatever comes in place of a handshake, the server and the client side make the same of it however it is cut, say
// what they promise, and put nothing of it into the structure of an answer.
//
// Input: which side, seed of the cuts, then what the peer sends; or a list of extensions.

#include "http/head.hpp"
#include "input.hpp"
#include "require.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <random>
#include <string>

namespace {

using namespace hearth::websocket;
using hearth::fuzz::require;
using Outcome = RequestHead::Outcome;

constexpr hearth::DeflateOptions kDeflate = {
    .enabled = true, .server_no_context_takeover = false, .client_no_context_takeover = false};
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

RequestHead read_request_in_pieces(std::string_view received, unsigned seed) {
  std::mt19937 random(seed);
  RequestHead head;
  std::size_t scanned = 0;
  while (head.outcome == Outcome::need_more && scanned < received.size()) {
    const std::size_t arrived = std::min<std::size_t>(received.size(), scanned + 1 + random() % 100);
    head = read_request_head(received.substr(0, arrived), scanned, "/ws", kDeflate);
    scanned = arrived;
  }
  return head;
}

void check_response_form(const RequestHead& head, std::string_view received) {
  const std::string& response = head.response;
  const std::size_t end = response.find("\r\n\r\n");
  require(response.starts_with("HTTP/1.1 ") && end != std::string::npos, "an answer has a head");
  const auto lines = 1 + std::count(response.begin(), response.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  if (head.outcome == Outcome::upgrade) {
    require(lines == (head.deflate ? 5 : 4), "an upgrade has its own fields alone");
  } else {
    require(lines >= 4 && lines <= 7, "a refusal has its own fields alone");
    const bool has_body = response.size() > end + 4;
    require(!has_body || !(received.starts_with("HEAD ") || received.starts_with("\r\nHEAD ")), "HEAD gets no body");
  }
}

void check_request(std::string_view received, unsigned seed) {
  const RequestHead whole = read_request_head(received, 0, "/ws", kDeflate);
  const RequestHead pieces = read_request_in_pieces(received, seed);
  require(whole.outcome == pieces.outcome && whole.response == pieces.response && whole.method == pieces.method &&
              whole.target == pieces.target,
          "in pieces as at once");
  require(whole.consumed <= received.size(), "no more is consumed than was received");
  require(whole.outcome != Outcome::need_more || received.size() < hearth::http::kMaxRequestHead,
          "a head ends within the limit");
  if (whole.outcome == Outcome::upgrade || whole.outcome == Outcome::plain) {
    require(whole.consumed == pieces.consumed && whole.consumed <= hearth::http::kMaxRequestHead,
            "the head is the same");
  }
  if (whole.outcome == Outcome::upgrade || whole.outcome == Outcome::refused) {
    check_response_form(whole, received);
  }
  if (whole.outcome == Outcome::plain) {
    require(!whole.method.empty() && !hearth::http::same_path(whole.target, "/ws"),
            "plain requests are for other paths");
  }
}

void check_response(std::string_view received) {
  const ResponseHead whole = read_response_head(received, kKey);
  require(whole.consumed <= received.size(), "no more is consumed than was received");
  if (whole.complete && !whole.error) {
    require(received.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") < whole.consumed, "an upgrade has the token for the key");
    require(!read_response_head(received.substr(0, whole.consumed - 1), kKey).complete, "it ends where it ends");
  }
}

void check_extensions(std::string_view offers) {
  const auto agreement = agree_on_deflate(offers, kDeflate);
  if (!agreement) {
    return;
  }
  require(agreement->server_max_window_bits >= 9 && agreement->server_max_window_bits <= 15, "a window zlib can write");
  require(agreement->client_max_window_bits >= 8 && agreement->client_max_window_bits <= 15, "a window there can be");
  const std::string answer =
      "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept_token(kKey) +
      "\r\nSec-WebSocket-Extensions: " + extension_header(*agreement) + "\r\n\r\n";
  const ResponseHead head = read_response_head(answer, kKey);
  require(!head.error && head.deflate.has_value(), "a client understands the server's answer");
  require(head.deflate->server_no_context_takeover == agreement->server_no_context_takeover &&
              head.deflate->client_no_context_takeover == agreement->client_no_context_takeover &&
              head.deflate->server_max_window_bits == agreement->server_max_window_bits &&
              head.deflate->client_max_window_bits == agreement->client_max_window_bits,
          "both ends agree on the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hearth::fuzz::Input input(data, size);
  const unsigned side = input.byte() % 3;
  const unsigned seed = input.byte();
  if (side == 0) {
    check_request(input.rest(), seed);
  } else if (side == 1) {
    check_response(input.rest());
  } else {
    check_extensions(input.rest());
  }
  return 0;
}
