#include "http/response.hpp"
#include "net/loop.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::net {

namespace {

// An answer to HEAD has no body (RFC 9110, 9.3.2).
std::string refusal(unsigned status, std::string_view why, std::string_view method = {}) {
  return http::response(status, "text/plain; charset=utf-8", std::string(why) + '\n', {}, method != "HEAD");
}

}  // namespace

// A request that came whole is read where it lies; only pieces of one are kept.
void Loop::upgrade(Connection& connection, std::span<char> input) {
  std::size_t scanned = 0;
  std::unique_ptr<Connection::HeldInput> pieces = std::move(connection.held_input_);
  if (pieces) {
    held_bytes_ -= pieces->bytes.size();
    scanned = pieces->bytes.size();
    pieces->bytes.append(input.data(), input.size());
    input = pieces->bytes;
  }
  const auto wait_for_more = [&] {
    if (!pieces) pieces = std::make_unique<Connection::HeldInput>(Connection::HeldInput{{input.data(), input.size()}});
    held_bytes_ += pieces->bytes.size();
    connection.held_input_ = std::move(pieces);
  };
  const std::string_view received(input.data(), input.size());
  // With a body, the head was there before.
  const bool may_have_body = application_.max_request_body() > 0;
  const auto head =
      websocket::read_request_head(received, may_have_body ? 0 : scanned, options_.path, options_.deflate);
  using Outcome = websocket::RequestHead::Outcome;
  if (head.outcome == Outcome::need_more) return wait_for_more();
  if (head.is_forwarded) note_forwarded(connection, received.substr(0, head.consumed));
  if (head.outcome == Outcome::upgrade && !may_connect(connection, head)) {
    counters_.refuse(Refusal::origin);
    return finish_request(connection, refusal(403, "Pages of this origin may not connect here."));
  }
  if (head.outcome == Outcome::upgrade) {
    const Upgrade upgrade{head.target, received.substr(0, head.consumed)};
    if (const auto instead = application_.turn_away(connection, upgrade)) {
      counters_.refuse(instead->why);
      return finish_request(connection, instead->response);
    }
    outbox_.send_raw(connection, head.response);
    accept_upgrade(connection, head, received);
    return read_frames(connection, input.subspan(head.consumed));
  }
  if (!may_have_body || head.method.empty()) return answer_request(connection, head, {});
  if (head.has_coded_body)
    return finish_request(connection, refusal(411, "The body needs a Content-Length.", head.method));
  if (head.body_size > application_.max_request_body()) {
    return finish_request(connection, refusal(413, "The body is too long.", head.method));
  }
  if (received.size() - head.consumed < head.body_size) return wait_for_more();
  answer_request(connection, head, received.substr(head.consumed, head.body_size));
}

// Browsers connect wherever a page says, and say what page it was; others have no origin. A page whose host is a name
// that was made to lead here would otherwise pass for one of this host's (DNS rebinding).
bool Loop::may_connect(const Connection& connection, const websocket::RequestHead& head) {
  if (head.origin.empty() || (origins_.allows_all() && !options_.hosts)) return true;
  const bool host_is_known =
      !options_.hosts || http::is_address_host(head.host) || http::is_loopback_host(head.host) ||
      std::find(options_.hosts->begin(), options_.hosts->end(), http::without_port(head.host)) != options_.hosts->end();
  const std::string peer = connection.remote_address();
  const bool from_loopback = peer == "unix" || http::is_loopback_host(peer);
  if (host_is_known && !head.repeats_origin && origins_.allow(head.origin, head.host, from_loopback)) return true;
  options_.log(LogLevel::warning, "origin_refused",
               host_is_known ? "a page may not connect; if it is one of yours, add its origin to allowed_origins"
                             : "a page may not connect under this Host; if it is one of yours, add it to allowed_hosts",
               {{"origin", head.origin}, {"host", head.host}, {"address", peer}});
  return false;
}

void Loop::accept_upgrade(Connection& connection, const websocket::RequestHead& head, std::string_view received) {
  connection.phase_ = Connection::Phase::open;
  connection.opened_ = true;
  PhaseList::remove(connection);
  if (const auto& deflate = head.deflate) {
    connection.deflate_bits_ = deflate->server_max_window_bits & 0x0fU;
    connection.reset_deflate_ = deflate->server_no_context_takeover;
    connection.reset_inflate_ = deflate->client_no_context_takeover;
    const bool own_deflater = !connection.reset_deflate_;
    const bool own_inflater = !connection.reset_inflate_;
    if (own_deflater || own_inflater) {
      if (!connection.layers_) connection.layers_ = std::make_unique<Connection::Layers>();
      Connection::Layers& layers = *connection.layers_;
      if (own_deflater) {
        layers.deflater =
            std::make_unique<websocket::Deflater>(deflate->server_max_window_bits, options_.deflate.level);
      }
      if (own_inflater) layers.inflater = std::make_unique<websocket::Inflater>(deflate->client_max_window_bits);
    }
  }
  application_.opened(connection, {head.target, received.substr(0, head.consumed)});
}

void Loop::answer_request(Connection& connection, const websocket::RequestHead& head, std::string_view body) {
  const bool was_read = !head.method.empty();  // otherwise it is no request
  const http::Answer answer =
      was_read ? application_.request(connection, {head.method, head.target, body}) : http::Answer::nothing();
  if (answer.is_later()) {
    connection.phase_ = Connection::Phase::answering;
    return answering_.add(connection, now_);
  }
  if (!answer.is_nothing()) return finish_request(connection, answer.response());
  counters_.refuse(head.is_tls ? Refusal::tls : Refusal::http);
  if (head.is_tls) {
    options_.log(LogLevel::warning, "tls_client_refused",
                 "a client began a TLS handshake, and this port speaks plain HTTP: clients have to use ws:// here, or "
                 "wss:// to a proxy that ends TLS",
                 {{"address", connection.remote_address()}});
  }
  if (head.outcome == websocket::RequestHead::Outcome::refused) return finish_request(connection, head.response);
  finish_request(connection, refusal(404, "Nothing here. The WebSocket endpoint is " + options_.path, head.method));
}

void Loop::respond(Connection& connection, std::string_view response) {
  if (connection.phase_ == Connection::Phase::answering) finish_request(connection, response);
}

void Loop::finish_request(Connection& connection, std::string_view response) {
  outbox_.send_raw(connection, response);
  connection.phase_ = Connection::Phase::closing;
  connection.peer_closed_ = true;  // no frames are expected
  connection.finish_ = true;
  closing_.add(connection, now_);
}

}  // namespace hearth::net
