#include "net/loop.hpp"
#include "websocket/close_code.hpp"
#include "websocket/frame.hpp"

#include <sys/socket.h>

namespace hearth::net {

std::string Connection::remote_address() const { return fd_ ? peer_address(fd_.get()) : std::string(); }

void Loop::close(Connection& connection, std::uint16_t code, std::string_view reason) {
  if (connection.is_open()) begin_closing(connection, code, reason);
}

void Loop::note_close(Connection& connection, std::uint16_t code, std::string_view reason) {
  if (!connection.close_note_) {
    connection.close_note_ = std::make_unique<Connection::CloseNote>(Connection::CloseNote{code, std::string(reason)});
  }
  if (!connection.reaped_) {
    connection.reaped_ = true;
    to_reap_.push_back(&connection);
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
  if (connection.phase_ != Connection::Phase::closing || !connection.peer_closed_) return;
  connection.finish_ = true;
  if (!connection.pending_.empty() || connection.backlog_) return;  // the outbox calls again
  ::shutdown(connection.fd_.get(), SHUT_WR);
  connection.phase_ = Connection::Phase::draining;
  connection.paused_by_backlog_ = false;
  mark_readable(connection);
}

void Loop::lose(Connection& connection, std::uint16_t code, std::string_view reason) {
  if (connection.phase_ == Connection::Phase::dead) return;
  connection.phase_ = Connection::Phase::dead;
  note_close(connection, code, reason);
  PhaseList::remove(connection);
  QuietList::remove(connection);
  connection.fd_.reset();
  connection.backlog_.reset();
  connection.held_input_.reset();
  counters_.open.subtract();
  if (accept_paused_) resume_accepting();
}

}  // namespace hearth::net
