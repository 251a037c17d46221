#include "net/loop.hpp"
#include "tls/handshake_outcome.hpp"
#include "websocket/close_code.hpp"
#include "websocket/frame.hpp"

#include <sys/epoll.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace hearth::net {

std::string Connection::remote_address() const {
  if (layers_ && !layers_->origin.empty()) return layers_->origin;
  return stream_ ? peer_address(stream_.fd()) : std::string();
}

void Loop::close(Connection& connection, std::uint16_t code, std::string_view reason) {
  contain(connection, [&] { begin_closing(connection, code, reason); });
}

void Loop::note_close(Connection& connection, std::uint16_t code, std::string_view reason) noexcept {
  try {
    if (!connection.close_note_) {
      connection.close_note_ =
          std::make_unique<Connection::CloseNote>(Connection::CloseNote{code, std::string(reason)});
    }
  } catch (const std::bad_alloc&) {
    // Then it has no reason.
  }
  list_closed(connection);
}

void Loop::list_closed(Connection& connection) noexcept {
  if (connection.reaped_) return;
  try {
    to_reap_.push(&connection);
    connection.reaped_ = true;
  } catch (const std::bad_alloc&) {
    some_unlisted_ = true;
  }
}

void Loop::begin_closing(Connection& connection, std::uint16_t code, std::string_view reason) {
  if (!connection.is_open()) return;
  note_close(connection, code, reason);
  outbox_.send_control(connection, websocket::Opcode::close, websocket::close_payload(code, reason));
  connection.phase_ = Connection::Phase::closing;
  connection.paused_by_application_ = false;
  closing_.add(connection, now_);
  mark_readable(connection);
}

// Ends our direction once everything has left, and waits for the peer's end: closing the socket while bytes of the
// peer's are unread would reset it and could take our last frame away from the peer.
void Loop::finish_sending(Connection& connection) {
  if (connection.phase_ == Connection::Phase::dead) return;
  if (connection.paused_by_backlog_ && !connection.backlog_) {
    connection.paused_by_backlog_ = false;
    mark_readable(connection);
    if (connection.is_open()) application_.drained(connection);
  }
  if (connection.awaited_ && !connection.backlog_) {
    connection.awaited_ = false;
    if (connection.is_open()) application_.emptied(connection);
  }
  if (connection.phase_ != Connection::Phase::closing || !connection.peer_closed_) return;
  connection.finish_ = true;
  if (!connection.pending_.empty() || connection.backlog_) return;  // the outbox calls again
  if (connection.speaks_tls()) {
    end_tls(connection);
    if (connection.backlog_) return;
  }
  connection.stream_.end_sending();
  connection.phase_ = Connection::Phase::draining;
  connection.paused_by_backlog_ = false;
  mark_readable(connection);
}

// Closing alone takes a socket out of the epoll only if nobody else holds it: a child process may.
void Loop::lose(Connection& connection, std::uint16_t code, std::string_view reason) noexcept {
  if (connection.phase_ == Connection::Phase::dead) return;
  note_handshake(connection, tls::HandshakeOutcome::closed);
  connection.phase_ = Connection::Phase::dead;
  note_close(connection, code, reason);
  PhaseList::remove(connection);
  if (connection.reaped_) QuietList::remove(connection);  // otherwise it is found there
  if (connection.stream_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.stream_.fd(), nullptr);
  connection.stream_.close();
  connection.backlog_.reset();
  drop_held(connection);
  counters_.open.subtract();
  if (accept_paused_) resume_accepting();
}

}  // namespace hearth::net
