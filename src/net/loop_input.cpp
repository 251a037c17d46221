#include "net/loop.hpp"
#include "websocket/close_code.hpp"
#include "websocket/error.hpp"
#include "websocket/frame.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace hearth::net {

namespace {

// What a turn spends on reading, and of that on connections that have more than a turn has time for. Everybody else
// comes before those, so that an answer does not wait for what a flood asks for.
constexpr std::chrono::microseconds kReadTime{5'000};
constexpr std::chrono::microseconds kBusyTime{2'000};

// What a turn spends on TLS handshakes, so that a storm of them does not hold up who is connected.
constexpr std::chrono::microseconds kHandshakeTime{2'000};

// What a connection gets of a turn, looked at after so many bytes of messages; a message counts for a little more than
// its bytes.
constexpr std::chrono::microseconds kSlice{200};
constexpr std::size_t kBytesBetweenLooks = std::size_t{16} * 1024;
constexpr std::size_t kMessageCost = 512;

// Those that have more than they get time for are not read far ahead, nor is anybody while much is held already.
constexpr std::size_t kBusyRead = std::size_t{16} * 1024;
constexpr std::size_t kHeldLimit = std::size_t{64} * 1024 * 1024;

}  // namespace

ConnectionQueue& Loop::queue_of(const Connection& connection) noexcept {
  if (connection.phase_ == Connection::Phase::securing) return securing_;
  return connection.busy_ ? busy_ : readable_;
}

void Loop::mark_readable(Connection& connection) {
  if (connection.readable_ || connection.phase_ == Connection::Phase::dead) return;
  queue_of(connection).push(&connection);
  connection.readable_ = true;
}

void Loop::read_ready() {
  if (application_.congested()) return;
  const Clock::time_point began = looked_;
  const auto read_some = [this](ConnectionQueue& list, Clock::time_point until) {
    for (std::size_t count = list.size(); count > 0 && looked_ < until; --count) {
      Connection& connection = *list.pop();
      connection.readable_ = false;
      ++reads_;
      contain(connection, [&] { read_next(connection); });
    }
  };
  read_some(readable_, began + kReadTime);
  if (!securing_.empty()) {
    looked_ = options_.clock();
    read_some(securing_, looked_ + kHandshakeTime);
  }
  if (busy_.empty()) return;
  looked_ = options_.clock();
  read_some(busy_, looked_ + kBusyTime);
}

void Loop::read_next(Connection& connection) {
  if (connection.phase_ == Connection::Phase::dead) return;
  outbox_.relieve();
  if (connection.is_paused()) return;
  const bool was_busy = connection.busy_;
  connection.busy_ = false;  // unless it proves to be so again
  if (connection.held_input_ && connection.phase_ != Connection::Phase::upgrading) {
    read_held(connection);
  } else {
    read(connection, was_busy || held_bytes_ > kHeldLimit ? kBusyRead : kReceiveBuffer);
  }
}

// The socket's turn is the next.
void Loop::read_held(Connection& connection) {
  processing_ = std::move(connection.held_input_);
  held_bytes_ -= processing_->bytes.size();
  process(connection, processing_->rest());
  processing_.reset();
  mark_readable(connection);
}

void Loop::read(Connection& connection, std::size_t size) {
  if (!connection.is_announced_) return read_announcement(connection);
  if (connection.phase_ == Connection::Phase::securing) return secure(connection);
  if (connection.speaks_tls()) return read_tls(connection, size);
  const std::size_t got = receive(connection, {buffer_.get(), size});
  if (got == 0) return;
  process(connection, {buffer_.get(), got});
  came_from_socket(connection, got == size);
}

void Loop::received_nothing(Connection& connection, Stream::Status status) {
  if (status == Stream::Status::ended) lose(connection, websocket::close_code::kAbnormal, "Connection lost");
  if (status == Stream::Status::broken) lose(connection, websocket::close_code::kAbnormal, "Connection reset");
}

// Less than there was room for means that the socket was emptied: what comes later is a new event. The peer's end is
// not, when it was there already.
void Loop::came_from_socket(Connection& connection, bool filled_buffer) {
  if (filled_buffer) connection.busy_ = true;
  if (filled_buffer || connection.peer_ended_) mark_readable(connection);
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
    case Connection::Phase::securing:
    case Connection::Phase::answering:
    case Connection::Phase::draining:
    case Connection::Phase::dead:
      break;
  }
  reading_ = nullptr;
}

websocket::ReaderContext Loop::reader_context(Connection& connection) {
  websocket::ReaderContext context;
  context.role = websocket::Role::server;
  context.max_message_size = options_.max_message_size;
  context.reset_inflater = connection.reset_inflate_;
  if (connection.layers_ && connection.layers_->inflater) {
    context.inflater = connection.layers_->inflater.get();
  } else if (connection.deflate_bits_ != 0) {
    if (!inflater_) inflater_ = std::make_unique<websocket::Inflater>(15);
    context.inflater = inflater_.get();
  }
  return context;
}

void Loop::read_frames(Connection& connection, std::span<char> input) {
  const websocket::ReaderContext context = reader_context(connection);
  if (!input.empty()) seen_alive(connection);
  const Clock::time_point began = looked_;
  while (connection.phase_ == Connection::Phase::open || connection.phase_ == Connection::Phase::closing) {
    if (connection.peer_closed_) return;  // nothing after a close frame is read
    if (connection.is_paused()) return hold(connection, input);
    const websocket::Event event = connection.reader_.next(input, context);
    if (!handle_frame(connection, event)) return;
    takes_answers(connection);
    if (!slice_is_over(event.payload.size() + kMessageCost) || looked_ - began < kSlice) continue;
    connection.busy_ = true;
    hold(connection, input);
    return mark_readable(connection);
  }
}

// Whether it is time to look at how much of the time is used: the clock is read after every so many bytes, whosever.
bool Loop::slice_is_over(std::size_t bytes) {
  since_look_ += bytes;
  if (since_look_ < kBytesBetweenLooks) return false;
  since_look_ = 0;
  looked_ = options_.clock();
  return true;
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
  if (options_.log.wants(LogLevel::debug)) {
    options_.log(LogLevel::debug, "protocol_error", "a connection is closed, it broke a rule",
                 {{"address", connection.remote_address()}, {"rule", event.error.message()}});
  }
  if (event.error == websocket::Error::message_too_big) application_.sent_too_much(connection);
  begin_closing(connection, event.code, event.error.message());
  connection.peer_closed_ = true;
  finish_sending(connection);
}

// Keeps what was received and not used, in the memory in which it lies, if that was kept before.
void Loop::hold(Connection& connection, std::span<char> rest) {
  if (rest.empty()) return;
  if (processing_) {
    processing_->used = processing_->bytes.size() - rest.size();
    connection.held_input_ = std::move(processing_);
  } else {
    connection.held_input_ = std::make_unique<Connection::HeldInput>();
    connection.held_input_->bytes.assign(rest.data(), rest.size());
  }
  held_bytes_ += connection.held_input_->bytes.size();
}

void Loop::drop_held(Connection& connection) noexcept {
  if (connection.held_input_) held_bytes_ -= connection.held_input_->bytes.size();
  connection.held_input_.reset();
}

}  // namespace hearth::net
