#include "conformance/conversation.hpp"

#include "support/socket.hpp"
#include "websocket/handshake.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hearth::conformance {

namespace {

using websocket::DeflateAgreement;
using Kind = websocket::Event::Kind;

constexpr std::uint64_t kLongestMessage = std::uint64_t{64} << 20U;

bool same(const std::optional<DeflateAgreement>& one, const std::optional<DeflateAgreement>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->server_no_context_takeover == other->server_no_context_takeover &&
         one->client_no_context_takeover == other->client_no_context_takeover &&
         one->server_max_window_bits == other->server_max_window_bits &&
         one->client_max_window_bits == other->client_max_window_bits;
}

/// Reads the answer to an upgrade, and no more than it.
websocket::ResponseHead read_upgrade(int socket, std::string_view key) {
  const test::Deadline deadline;
  std::string received;
  websocket::ResponseHead head;
  while (!head.complete) {
    if (!test::read_some(socket, received, deadline)) throw std::runtime_error("the server hung up on the upgrade");
    head = websocket::read_response_head(received, key);
  }
  if (head.error) throw std::runtime_error("no upgrade: " + received);
  if (head.consumed != received.size()) throw std::runtime_error("the server spoke first");
  return head;
}

/// How long the next chunk is.
std::size_t next_length(std::size_t left, const Script::Step& step, Delivery delivery, std::mt19937& random) {
  switch (delivery) {
    case Delivery::as_written:
      return std::min(left, step.longest_chunk);
    case Delivery::byte_by_byte:
      return 1;
    case Delivery::in_random_chunks:
      break;
  }
  const std::size_t longest = std::clamp<std::size_t>(step.bytes.size() / 4, 2, std::size_t{100} * 1024);
  return std::min<std::size_t>(left, 1 + random() % longest);
}

}  // namespace

Conversation::Conversation(const std::string& address, const Script& script) : socket_(test::connect_to(address)) {
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string key = websocket::random_key();
  test::write_all(socket_.get(), websocket::upgrade_request(address, "/", key, script.extensions()));
  const websocket::ResponseHead head = read_upgrade(socket_.get(), key);
  if (!same(head.deflate, script.agreement())) throw std::runtime_error("compression is not agreed on as expected");

  context_.role = websocket::Role::client;
  context_.max_message_size = kLongestMessage;
  if (head.deflate) {
    inflater_ = std::make_unique<websocket::Inflater>(head.deflate->server_max_window_bits);
    context_.inflater = inflater_.get();
    context_.reset_inflater = head.deflate->server_no_context_takeover;
  }
}

void Conversation::play(const Script::Step& step, Delivery delivery, std::mt19937& random) {
  const test::Deadline deadline;
  std::string_view left = step.bytes;
  std::string_view chunk;
  const std::size_t expected = seen_.size() + step.expected.size();
  while (!has_ended_) {
    if (chunk.empty() && !left.empty()) {
      chunk = left.substr(0, next_length(left.size(), step, delivery, random));
      left.remove_prefix(chunk.size());
    }
    const bool has_more = !chunk.empty() && can_write_ && !server_closed_;
    if (!has_more && (server_closed_ || seen_.size() >= expected)) return;
    wait(has_more, deadline);
    if (has_more) write_some(chunk);
    read_some();
  }
}

void Conversation::finish(bool sent_close) {
  const test::Deadline deadline;
  if (server_closed_ && !sent_close) {
    const std::string answer = frame(Opcode::close, {});
    std::string_view left = answer;
    write_some(left);
  }
  while (!has_ended_) {
    wait(false, deadline);
    read_some();
  }
}

/// Sends what the socket takes. When the server is gone, what it said before is still to be read.
void Conversation::write_some(std::string_view& chunk) {
  const ssize_t sent = ::send(socket_.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    chunk.remove_prefix(static_cast<std::size_t>(sent));
  } else if (errno != EAGAIN && errno != EINTR) {
    can_write_ = false;
  }
}

/// Reads what has come, if anything.
void Conversation::read_some() {
  const ssize_t got = ::recv(socket_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) throw std::system_error(errno, std::generic_category(), "the connection broke");
  has_ended_ = got == 0;
  bytes_received_ += static_cast<std::size_t>(got);
  std::span<char> input(buffer_.data(), static_cast<std::size_t>(got));
  for (;;) {
    const websocket::Event event = reader_.next(input, context_);
    if (event.kind == Kind::need_more) return;
    if (event.kind == Kind::failed) throw std::runtime_error("the server broke a rule: " + event.error.message());
    const Opcode opcode = event.kind == Kind::message ? event.opcode : Opcode::text;
    seen_.push_back({event.kind, opcode, event.code, {event.payload.begin(), event.payload.end()}});
    server_closed_ = server_closed_ || event.kind == Kind::close;
  }
}

void Conversation::wait(bool to_write, const test::Deadline& deadline) {
  pollfd waiting{socket_.get(), static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = ::poll(&waiting, 1, deadline.milliseconds_left());
  if (ready == 0) throw std::runtime_error("the server is silent after " + std::to_string(seen_.size()) + " answers");
}

}  // namespace hearth::conformance
