#include "net/outbox.hpp"

#include <algorithm>
#include <exception>
#include <string>

namespace hearth::net {

namespace {

// A tick log past these is written out before the next message is encoded.

// Connections written to in one turn of the loop, 2 ms or so, beside as many as were read from; the others wait for the
// next, so that a message to many thousands does not hold up everything else meanwhile.
constexpr std::size_t kWritesATurn = 384;

// Connections ahead of the one being written that are fetched into the cache.
constexpr std::size_t kPrefetch = 4;

// Of an unmasked frame (RFC 6455, 5.2).
std::string_view payload_of(std::string_view frame) {
  const auto length = static_cast<unsigned char>(frame[1]);
  return frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
}

}  // namespace

Outgoing Outbox::stage(websocket::Opcode opcode, std::span<const std::string_view> pieces) {
  relieve();
  Outgoing message;
  message.plain_ = log_.append_frame(opcode, pieces);
  message.payload_ = static_cast<std::uint32_t>(payload_of(log_.bytes(message.plain_)).size());
  message.generation_ = log_.generation();
  message.compressible_ = options_.deflate.enabled && message.payload_ >= options_.deflate.min_size;
  return message;
}

bool Outbox::has_room(Connection& connection, std::size_t size, std::size_t limit) {
  if (connection.waiting_bytes() + size <= limit) return true;
  if (!connection.backlog_) flush(connection);
  return connection.waiting_bytes() == 0 || connection.waiting_bytes() + size <= limit;
}

Outbox::Sent Outbox::send(Connection& connection, Outgoing& message, std::size_t limit) {
  if (!connection.is_open()) return Sent::not_open;
  const std::size_t size = connection.seals_ ? sealer_.sealed_size(message.payload_) : message.size();
  if (connection.waiting_bytes() + size > limit) {
    if (!connection.backlog_) flush(connection);
    if (connection.backlog_ && connection.waiting_bytes() + size > limit) {
      return Sent::dropped;
    }
    if (!connection.is_open()) return Sent::not_open;
  }
  if (connection.seals_) {
    note_unsealed(connection, message);
  } else {
    const bool is_plain = connection.deflate_bits_ == 0 || !message.compressible_;
    note(connection, is_plain ? message.plain_ : compressed_form(connection, message));
  }
  counters_.messages_sent.add();
  return Sent::yes;
}

// Empties the tick log but for a message that is being sent to many, each in a form of its own.
void Outbox::make_room(Outgoing& message) {
  const std::string frame(log_.bytes(message.plain_));
  flush_all();
  message.plain_ = log_.append_bytes(frame);
  message.generation_ = log_.generation();
  message.compressed_ = {};
}

Segment Outbox::compressed_form(Connection& connection, Outgoing& message) {
  if (connection.layers_ && connection.layers_->deflater) {
    if (is_full()) make_room(message);
    return compress(connection, message);
  }
  Segment& shared = message.compressed_[Outgoing::window(connection.deflate_bits_)];
  if (shared.length == 0) shared = compress(connection, message);
  return shared;
}

Segment Outbox::compress(Connection& connection, Outgoing& message) {
  const bool own = connection.layers_ && connection.layers_->deflater;
  auto& deflater = own ? connection.layers_->deflater : deflaters_[Outgoing::window(connection.deflate_bits_)];
  if (!deflater) {
    deflater = std::make_unique<websocket::Deflater>(std::uint8_t{connection.deflate_bits_}, options_.deflate.level);
  }
  const std::string_view frame = log_.bytes(message.plain_);
  const std::string_view payload = frame.substr(frame.size() - message.payload_);
  const auto opcode = static_cast<websocket::Opcode>(static_cast<unsigned char>(frame.front()) & 0x0f);
  const std::string_view compressed = deflater->compress(payload, connection.reset_deflate_);
  return log_.append_frame(opcode, {&compressed, 1}, true);
}

void Outbox::send_control(Connection& connection, websocket::Opcode opcode, std::string_view payload) {
  note(connection, log_.append_frame(opcode, {&payload, 1}));
}

void Outbox::send_raw(Connection& connection, std::string_view bytes) {
  if (!bytes.empty()) note(connection, log_.append_bytes(bytes));
}

// What may throw comes before what it would leave half done.
void Outbox::note(Connection& connection, Segment segment) {
  mark_dirty(connection);
  log_.add(connection.pending_, segment);
  connection.pending_bytes_ += segment.length;
}

// Never compressed: how well a text compresses tells of what is in it, and encryption doesn't hide lengths.
void Outbox::note_unsealed(Connection& connection, const Outgoing& message) {
  mark_dirty(connection);
  log_.add_unsealed(connection.pending_, message.plain_);
  connection.pending_bytes_ += sealer_.sealed_size(message.payload_);
}

void Outbox::mark_dirty(Connection& connection) {
  if (connection.dirty_) return;
  dirty_.push_back(&connection);
  connection.dirty_ = true;
}

void Outbox::flush_all() {
  flush_front(left_over_, left_over_.size());
  flush_front(dirty_, dirty_.size());
  log_.clear();
}

// What few get comes first, for most of it answers somebody. A message to many takes its place behind those before it.
void Outbox::flush_turn(std::size_t answers) {
  const std::size_t most = kWritesATurn + answers;
  if (left_over_.empty() && dirty_.size() <= most) return flush_all();
  const std::size_t first = dirty_.size() <= kWritesATurn / 2 + answers ? dirty_.size() : 0;
  flush_front(dirty_, first);
  at_once_ += first;
  left_ += dirty_.size();
  left_over_.insert(left_over_.end(), dirty_.begin(), dirty_.end());
  dirty_.clear();
  flush_front(left_over_, std::min(left_over_.size(), most - first));
  if (left_over_.empty()) log_.clear();
}

template <class Connections>
void Outbox::flush_front(Connections& connections, std::size_t count) {
  const auto end = connections.begin() + static_cast<std::ptrdiff_t>(count);
  auto ahead = connections.begin() + static_cast<std::ptrdiff_t>(std::min(count, kPrefetch));
  for (auto at = connections.begin(); at != end; ++at) {
    if (ahead != end) (*ahead++)->prefetch();
    (*at)->dirty_ = false;
    flush_or_break(**at);
  }
  connections.erase(connections.begin(), end);
}

// Whoever uses a stream that is closed finds it broken.
void Outbox::flush_or_break(Connection& connection) noexcept {
  try {
    flush(connection);
  } catch (const std::exception&) {
    connection.stream_.close();
    connection.pending_ = {};
    connection.pending_bytes_ = 0;
  }
}

void Outbox::flush(Connection& connection) {
  if (connection.phase_ != Connection::Phase::dead) {
    if (!connection.pending_.empty()) connection.seals_ ? write_sealed(connection) : write_pending(connection);
    if (!connection.backlog_) settled(connection);
  }
  connection.pending_ = {};
  connection.pending_bytes_ = 0;
}

// All of a client's messages are encrypted in a row, when its turn to be written has come: its key is set up once, they
// lie side by side, and the log's end is used again for the next client.
void Outbox::write_sealed(Connection& connection) {
  const TickLog::Mark mark = log_.mark();
  if (seal_pending(connection)) write_pending(connection);
  log_.rewind(mark);
}

bool Outbox::seal_pending(Connection& connection) {
  bool sealed_all = true;
  connection.pending_ = log_.sealed(connection.pending_, [&](Segment frame) {
    const std::string_view sealed = sealer_.seal(connection, payload_of(log_.bytes(frame)));
    if (sealed.empty()) sealed_all = false;
    return log_.append_frame(websocket::Opcode::text, {&sealed, 1});
  });
  if (!sealed_all) broken(connection);
  return sealed_all;
}

void Outbox::write_pending(Connection& connection) {
  if (connection.speaks_tls()) return seal_records(connection);
  std::uint32_t next = connection.pending_.first;
  while (next != SegmentList::kNone) {
    const auto [count, size] = log_.gather(next, pieces_);
    if (!write(connection, {pieces_.data(), count}, size, next)) return;
  }
}

// False: what was left of it and what is to come from `next` on is in the backlog, or the connection is broken.
bool Outbox::write(Connection& connection, std::span<const std::string_view> pieces, std::size_t size,
                   std::uint32_t next) {
  if (connection.backlog_) {
    keep_unsent(connection, pieces, 0, next);
    return false;
  }
  const ssize_t written = connection.stream_.send(pieces);
  if (written < 0) {
    broken(connection);
    return false;
  }
  counters_.bytes_sent.add(static_cast<std::size_t>(written));
  if (static_cast<std::size_t>(written) == size) return true;
  keep_unsent(connection, pieces, static_cast<std::size_t>(written), next);
  write_backlog(connection);  // to EAGAIN: a short write alone promises no event
  return false;
}

void Outbox::keep_unsent(Connection& connection, std::span<const std::string_view> pieces, std::size_t sent,
                         std::uint32_t next) {
  if (!connection.backlog_) connection.backlog_ = std::make_unique<Connection::Backlog>();
  std::string& bytes = connection.backlog_->bytes;
  for (std::string_view piece : pieces) {
    const std::size_t gone = std::min(sent, piece.size());
    sent -= gone;
    bytes += piece.substr(gone);
  }
  while (next != SegmentList::kNone) {
    const std::size_t count = log_.gather(next, pieces_).count;
    for (std::size_t i = 0; i < count; ++i) bytes += pieces_[i];
  }
  // Input is held back from a client that does not take the answers to it.
  if (connection.answering_) connection.paused_by_backlog_ = true;
}

bool Outbox::writable(Connection& connection) {
  if (!connection.backlog_ || connection.phase_ == Connection::Phase::dead) return false;
  const bool took_some = write_backlog(connection);
  if (!connection.backlog_) settled(connection);
  return took_some;
}

bool Outbox::write_backlog(Connection& connection) {
  Connection::Backlog& backlog = *connection.backlog_;
  bool took_some = false;
  while (backlog.size() > 0) {
    const std::string_view rest = std::string_view(backlog.bytes).substr(backlog.sent);
    const ssize_t written = connection.stream_.send({&rest, 1});
    if (written < 0) {
      broken(connection);
      return false;
    }
    counters_.bytes_sent.add(static_cast<std::size_t>(written));
    if (written == 0) {
      // What has left is cut off now and then, so that the buffer stays within twice of what waits.
      if (backlog.sent > backlog.size()) {
        backlog.bytes.erase(0, backlog.sent);
        backlog.sent = 0;
      }
      return took_some;
    }
    took_some = true;
    backlog.sent += static_cast<std::size_t>(written);
  }
  connection.backlog_.reset();
  return true;
}

void Outbox::broken(Connection& connection) {
  connection.backlog_.reset();
  broken_.push_back(&connection);
}

}  // namespace hearth::net
