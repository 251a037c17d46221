// TLS: handshakes, and the records of connections that speak it.

#include "http/response.hpp"
#include "net/loop.hpp"
#include "tls/error.hpp"
#include "tls/handshake_outcome.hpp"
#include "tls/server_context.hpp"
#include "websocket/close_code.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::net {

namespace {

// Opening has room for one record more than was received, which may have lain in the endpoint.
constexpr std::size_t kMostReceived = Loop::kReceiveBuffer - tls::kMaxRecord - tls::kMaxRecordOverhead;
constexpr std::size_t kHandshakeRead = std::size_t{16} * 1024;

// A method of HTTP begins with a capital letter.
bool may_begin_http(char first) noexcept { return first >= 'A' && first <= 'Z'; }

void count_handshake(HandshakeCounters& counters, std::optional<TlsVersion> version,
                     tls::HandshakeOutcome outcome) noexcept {
  const std::size_t row = !version ? 0 : *version == TlsVersion::tls_1_2 ? 1 : 2;
  counters[row][static_cast<std::size_t>(outcome)].add();
}

// What OpenSSL says of a certificate that fails its own checks differs.
tls::HandshakeOutcome failure_of(const tls::Endpoint& endpoint) noexcept {
  return endpoint.refused_certificate() ? tls::HandshakeOutcome::client_certificate : tls::handshake_failure();
}

}  // namespace

std::optional<ClientCertificate> Connection::certificate() const {
  return speaks_tls() ? layers_->tls.client_certificate() : std::nullopt;
}

// One step of a handshake. Who has gone meanwhile costs no more than that.
void Loop::secure(Connection& connection) {
  if (connection.peer_ended_) return lose(connection, websocket::close_code::kAbnormal, "Connection lost");
  const std::size_t got = receive(connection, {records_.get(), kHandshakeRead});
  if (got == 0) return;
  std::string_view received(records_.get(), got);
  if (!connection.speaks_tls() && !begin_tls(connection, received.front())) return;
  Outbox::Records sink(outbox_, connection);
  tls::Endpoint& endpoint = connection.layers_->tls;
  using Progress = tls::Endpoint::Progress;
  const Progress progress = endpoint.shake_hands(received, sink);
  looked_ = options_.clock();
  switch (progress) {
    case Progress::waiting:
      break;
    case Progress::failed: {
      const tls::HandshakeOutcome outcome = failure_of(endpoint);  // before the error is taken
      return handshake_failed(connection, outcome, tls::take_error("the client broke it off"));
    }
    case Progress::too_long:
      return handshake_failed(connection, tls::HandshakeOutcome::other,
                              "the client's part of the handshake is longer than 32 KiB");
    case Progress::done:
      counters_.tls_handshakes.add();
      handshake_durations_.add(looked_ - connection.layers_->handshake_began);
      note_handshake(connection, tls::HandshakeOutcome::success);
      if (endpoint.was_resumed()) counters_.tls_resumptions.add();
      connection.phase_ = Connection::Phase::upgrading;
      if (!received.empty()) open_records(connection, received);
      break;
  }
  came_from_socket(connection, got == kHandshakeRead);
}

bool Loop::begin_tls(Connection& connection, char first) {
  if (first != tls::kHandshakeRecord) {
    refuse_plain(connection, first);
    return false;
  }
  if (!is_proxy(connection)) {
    connection.was_admitted_ = true;
    if (!application_.admits(connection)) {
      counters_.refuse(Refusal::limit);
      lose(connection, websocket::close_code::kAbnormal, "Too many connections");
      return false;
    }
  }
  if (!connection.layers_) connection.layers_ = std::make_unique<Connection::Layers>();
  const auto context = options_.tls->get();
  connection.layers_->tls = tls::Endpoint(context->make_ssl(), context);
  connection.layers_->handshake_began = looked_;
  return true;
}

// What a client that takes this for a plain port understands.
void Loop::refuse_plain(Connection& connection, char first) {
  options_.log(LogLevel::info, "plain_client_refused",
               "a client spoke no TLS, and this port speaks nothing else: clients have to use wss:// or https:// here",
               {{"address", connection.remote_address()}});
  count_handshake(counters_.tls_outcomes, std::nullopt, tls::HandshakeOutcome::not_tls);
  counters_.refuse(Refusal::tls);
  if (!may_begin_http(first)) return lose(connection, websocket::close_code::kAbnormal, "Not TLS");
  connection.phase_ = Connection::Phase::upgrading;
  finish_request(connection, http::response(400, "text/plain; charset=utf-8",
                                            "This port speaks TLS: use wss:// or https:// here.\n"));
}

void Loop::handshake_failed(Connection& connection, tls::HandshakeOutcome outcome, std::string_view why) {
  counters_.tls_failures.add();
  note_handshake(connection, outcome);
  // Who is refused for a certificate is no passer-by.
  const LogLevel level = connection.layers_->tls.refused_certificate() ? LogLevel::info : LogLevel::debug;
  if (options_.log.wants(level)) {
    options_.log(level, "tls_failed", "a TLS handshake failed",
                 {{"address", connection.remote_address()}, {"why", why}});
  }
  lose(connection, websocket::close_code::kAbnormal, "TLS handshake failed");
}

// Once a handshake: that the connection ends, too, is said of each.
void Loop::note_handshake(Connection& connection, tls::HandshakeOutcome outcome) noexcept {
  if (!connection.layers_ || connection.layers_->handshake_began == Clock::time_point{}) return;
  connection.layers_->handshake_began = {};
  count_handshake(counters_.tls_outcomes, connection.layers_->tls.version(), outcome);
}

void Loop::read_tls(Connection& connection, std::size_t size) {
  // What came before the client's end has been answered in the turn before this.
  if (connection.layers_->tls.has_ended()) {
    return lose(connection, websocket::close_code::kAbnormal, "Connection lost");
  }
  const std::size_t room = std::min(size, kMostReceived);
  const std::size_t got = receive(connection, {records_.get(), room});
  if (got == 0) return;
  open_records(connection, {records_.get(), got});
  came_from_socket(connection, got == room);
}

void Loop::open_records(Connection& connection, std::string_view received) {
  Outbox::Records sink(outbox_, connection);
  const tls::Endpoint::Result opened = connection.layers_->tls.open(received, {buffer_.get(), kReceiveBuffer}, sink);
  // Read at once: what is done with the message may fail in OpenSSL too.
  const std::string why = opened.status == tls::Endpoint::Opened::failed ? tls::take_error() : std::string();
  if (opened.size > 0) process(connection, {buffer_.get(), opened.size});
  if (connection.phase_ == Connection::Phase::dead) return;
  switch (opened.status) {
    case tls::Endpoint::Opened::good:
      return;
    case tls::Endpoint::Opened::ended:
      return mark_readable(connection);
    case tls::Endpoint::Opened::failed:
      counters_.tls_failures.add();
      options_.log(LogLevel::debug, "tls_failed", "a TLS connection was cut off, a record could not be opened",
                   {{"address", connection.remote_address()}, {"why", why}});
      return lose(connection, websocket::close_code::kAbnormal, "TLS failed");
  }
}

void Loop::end_tls(Connection& connection) {
  Outbox::Records sink(outbox_, connection);
  connection.layers_->tls.end(sink);
}

}  // namespace hearth::net
