#include "http/response.hpp"
#include "net/loop.hpp"
#include "websocket/close_code.hpp"
#include "websocket/handshake.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hearth::net {

void Loop::mark_readable(Connection& connection) {
  if (connection.readable_ || connection.phase_ == Connection::Phase::dead) return;
  connection.readable_ = true;
  readable_.push_back(&connection);
}

void Loop::read(Connection& connection) {
  if (connection.paused_by_application_ || connection.paused_by_backlog_) return;
  if (connection.held_input_ && connection.phase_ != Connection::Phase::upgrading) {
    const auto held = std::move(connection.held_input_);
    mark_readable(connection);  // the socket's turn is the next tick
    return process(connection, *held);
  }
  ssize_t got = 0;
  do {
    got = ::recv(connection.fd_.get(), buffer_.get(), kReceiveBuffer, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) lose(connection, websocket::close_code::kAbnormal, "Connection reset");
    return;
  }
  if (got == 0) return lose(connection, websocket::close_code::kAbnormal, "Connection lost");
  // Less than the buffer holds means that the socket was emptied: what comes later is a new event. The peer's end is
  // not, when it was there already.
  if (static_cast<std::size_t>(got) == kReceiveBuffer || connection.peer_ended_) mark_readable(connection);
  process(connection, {buffer_.get(), static_cast<std::size_t>(got)});
}

void Loop::process(Connection& connection, std::span<char> input) {
  reading_ = &connection;
  switch (connection.phase_) {
    case Connection::Phase::upgrading:
      upgrade(connection, input);
      break;
    case Connection::Phase::open:
    case Connection::Phase::closing:
      read_frames(connection, input);
      break;
    case Connection::Phase::draining:
    case Connection::Phase::dead:
      break;
  }
  reading_ = nullptr;
}

void Loop::upgrade(Connection& connection, std::span<char> input) {
  // A request that came whole is read where it lies; only pieces of one are kept.
  std::size_t scanned = 0;
  std::unique_ptr<std::string> pieces = std::move(connection.held_input_);
  if (pieces) {
    scanned = pieces->size();
    pieces->append(input.data(), input.size());
    input = *pieces;
  }
  const auto head =
      websocket::read_request_head({input.data(), input.size()}, scanned, options_.path, options_.deflate);
  using Outcome = websocket::RequestHead::Outcome;
  switch (head.outcome) {
    case Outcome::need_more:
      if (!pieces) pieces = std::make_unique<std::string>(input.data(), input.size());
      connection.held_input_ = std::move(pieces);
      return;
    case Outcome::upgrade:
      outbox_.send_raw(connection, head.response);
      accept_upgrade(connection, head.deflate ? &*head.deflate : nullptr);
      return read_frames(connection, input.subspan(head.consumed));
    case Outcome::plain: {
      std::string response = application_.plain_request(head.method, head.target);
      if (response.empty()) {
        counters_.refused.add();
        response = http::response(404, "text/plain; charset=utf-8",
                                  "Nothing here. The WebSocket endpoint is " + options_.path + "\n");
      }
      outbox_.send_raw(connection, response);
      break;
    }
    case Outcome::refused: {
      const std::string page = head.target.empty() ? "" : application_.plain_request(head.method, head.target);
      if (page.empty()) counters_.refused.add();
      outbox_.send_raw(connection, page.empty() ? head.response : page);
      break;
    }
  }
  connection.phase_ = Connection::Phase::closing;
  connection.peer_closed_ = true;  // no frames are expected
  connection.finish_ = true;
  closing_.add(connection, now_);
}

void Loop::accept_upgrade(Connection& connection, const websocket::DeflateAgreement* deflate) {
  connection.phase_ = Connection::Phase::open;
  connection.opened_ = true;
  PhaseList::remove(connection);
  if (deflate != nullptr) {
    connection.deflate_bits_ = deflate->server_max_window_bits;
    connection.reset_deflate_ = deflate->server_no_context_takeover;
    connection.reset_inflate_ = deflate->client_no_context_takeover;
    const bool own_deflater = !connection.reset_deflate_;
    const bool own_inflater = !connection.reset_inflate_;
    if (own_deflater || own_inflater) {
      auto own = std::make_unique<Connection::OwnCompression>();
      if (own_deflater) {
        own->deflater = std::make_unique<websocket::Deflater>(connection.deflate_bits_, options_.deflate.level);
      }
      if (own_inflater) own->inflater = std::make_unique<websocket::Inflater>(deflate->client_max_window_bits);
      connection.own_compression_ = std::move(own);
    }
  }
  application_.opened(connection);
}

websocket::ReaderContext Loop::reader_context(Connection& connection) {
  websocket::ReaderContext context;
  context.role = websocket::Role::server;
  context.max_message_size = options_.max_message_size;
  context.reset_inflater = connection.reset_inflate_;
  if (connection.own_compression_ && connection.own_compression_->inflater) {
    context.inflater = connection.own_compression_->inflater.get();
  } else if (connection.deflate_bits_ != 0) {
    if (!inflater_) inflater_ = std::make_unique<websocket::Inflater>(15);
    context.inflater = inflater_.get();
  }
  return context;
}

void Loop::read_frames(Connection& connection, std::span<char> input) {
  const websocket::ReaderContext context = reader_context(connection);
  if (!input.empty()) {
    if (connection.pinged_) {
      connection.pinged_ = false;
      quiet_.add(connection, now_);
    } else {
      quiet_.renew(connection, now_);
    }
  }
  while (connection.phase_ == Connection::Phase::open || connection.phase_ == Connection::Phase::closing) {
    if (connection.peer_closed_) return;  // nothing after a close frame is read
    if (connection.paused_by_application_ || connection.paused_by_backlog_) return hold(connection, input);
    if (!handle_frame(connection, connection.reader_.next(input, context))) return;
    takes_answers(connection);
  }
}

bool Loop::handle_frame(Connection& connection, const websocket::Event& event) {
  using Kind = websocket::Event::Kind;
  const bool open = connection.is_open();
  switch (event.kind) {
    case Kind::need_more:
      return false;
    case Kind::message:
      if (!open) return true;  // too late: our close frame is on its way
      counters_.messages_received.add();
      application_.received(connection, event.opcode, event.payload);
      return true;
    case Kind::ping:
      if (open) {
        connection.answering_ = true;
        outbox_.send_control(connection, websocket::Opcode::pong, {event.payload.data(), event.payload.size()});
      }
      return true;
    case Kind::pong:
      return true;
    case Kind::close:
      peer_closed(connection, event);
      return false;
    case Kind::failed:
      fail(connection, event);
      return false;
  }
  return false;
}

void Loop::peer_closed(Connection& connection, const websocket::Event& event) {
  connection.peer_closed_ = true;
  const std::string_view reason(event.payload.data(), event.payload.size());
  if (connection.is_open()) {
    note_close(connection, event.code, reason);
    const std::string payload =
        event.code == websocket::close_code::kNoStatus ? std::string() : websocket::close_payload(event.code, reason);
    outbox_.send_control(connection, websocket::Opcode::close, payload);
    connection.phase_ = Connection::Phase::closing;
    closing_.add(connection, now_);
  }
  finish_sending(connection);
}

void Loop::fail(Connection& connection, const websocket::Event& event) {
  counters_.protocol_errors.add();
  options_.log(LogLevel::debug,
               "net: " + connection.remote_address() + " is closed, it broke a rule: " + event.error.message());
  begin_closing(connection, event.code, event.error.message());
  connection.peer_closed_ = true;
  finish_sending(connection);
}

void Loop::hold(Connection& connection, std::span<char> input) {
  if (!input.empty()) connection.held_input_ = std::make_unique<std::string>(input.data(), input.size());
}

}  // namespace hearth::net
