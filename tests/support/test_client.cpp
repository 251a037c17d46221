#include "support/test_client.hpp"

#include "support/socket.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace hearth::test {

namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455, 1.3
constexpr std::string_view kAcceptField = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::value(text)); }

std::size_t content_length(std::string_view head) {
  constexpr std::string_view kField = "\r\nContent-Length: ";
  const auto at = head.find(kField);
  return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + kField.size())));
}

}  // namespace

std::string envelope(std::string_view event, std::string_view data, std::string_view id) {
  std::string text = R"({"event":)" + quoted(event);
  if (!data.empty()) text.append(R"(,"data":)").append(data);
  if (!id.empty()) text.append(R"(,"id":)").append(quoted(id));
  return text + '}';
}

std::string event_of(std::string_view text) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(boost::json::string_view(text), error);
  if (error || !value.is_object()) return {};
  const auto* event = value.get_object().if_contains("event");
  return event != nullptr && event->is_string() ? std::string(event->get_string()) : std::string();
}

std::ostream& operator<<(std::ostream& out, const CloseFrame& close) {
  return out << close.code << ' ' << close.reason;
}

TestClient::TestClient(const std::string& address, int receive_buffer) : fd_(connect_to(address, receive_buffer)) {}

TestClient::TestClient(const std::string& address, const TlsClientOptions& tls, int receive_buffer)
    : fd_(connect_to(address, receive_buffer)), tls_(std::make_unique<TlsSocket>(fd_.get(), tls)) {}

TestClient::TestClient(net::FileDescriptor socket, std::function<void()> turn)
    : fd_(std::move(socket)), turn_(std::move(turn)) {}

void TestClient::turn_until_readable() const {
  constexpr int kTurns = 1000;  // what has not come by then does not
  pollfd input{fd_.get(), POLLIN, 0};
  for (int i = 0; i < kTurns; ++i) {
    turn_();
    if (::poll(&input, 1, 0) > 0) return;
  }
  fail("nothing comes, however often the shard turns");
}

bool TestClient::read_some(const Deadline& deadline) {
  if (turn_) turn_until_readable();
  return tls_ ? tls_->read_some(input_, deadline) : test::read_some(fd_.get(), input_, deadline);
}

void TestClient::write(std::string_view bytes) {
  const bool written = tls_ ? tls_->write_all(bytes) : write_all(fd_.get(), bytes);
  if (!written) fail("the server is gone, while writing to it");
}

HttpAnswer TestClient::read_http(bool with_body) {
  const Deadline deadline;
  std::size_t end = std::string::npos;
  while ((end = input_.find("\r\n\r\n", used_)) == std::string::npos) {
    if (!read_some(deadline)) fail("the connection ended in the head of an answer: " + input_);
  }
  HttpAnswer answer;
  answer.head = input_.substr(used_, end + 4 - used_);
  used_ = end + 4;
  if (!answer.head.starts_with("HTTP/1.1 ")) fail("no HTTP answer: " + answer.head);
  answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
  const std::size_t length = with_body ? content_length(answer.head) : 0;
  while (input_.size() - used_ < length) {
    if (!read_some(deadline)) fail("the connection ended in the body of an answer");
  }
  answer.body = input_.substr(used_, length);
  used_ += length;
  return answer;
}

TestClient& TestClient::upgrade(std::string_view path, std::string_view fields) {
  std::string request = "GET ";
  request.append(path).append(" HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
  request.append("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ").append(kKey).append("\r\n");
  request.append(fields).append("\r\n");
  write(request);
  const HttpAnswer answer = read_http(false);
  if (answer.status != 101) fail("the upgrade was refused: " + answer.head);
  if (answer.head.find(kAcceptField) == std::string::npos) fail("not the right Sec-WebSocket-Accept: " + answer.head);
  compression_ = ClientCompression::agreed_in(answer.head);
  return *this;
}

void TestClient::send_compressed(std::string_view text) {
  constexpr std::uint8_t kCompressed = 0x40;  // RSV1
  if (!compression_) fail("no compression was agreed on");
  send_frame(kCompressed | kText, compression_->close(text));
}

void TestClient::send_close(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  send_frame(kClose, payload.append(reason));
}

void TestClient::finish() {
  const CloseFrame close = wait_for_close();
  send_close(close.code, close.reason);
  wait_for_end();
  fd_.reset();
}

void TestClient::end() {
  if (tls_) tls_->end();
  ::shutdown(fd_.get(), SHUT_WR);
}

void TestClient::drop(bool abort) {
  if (abort) {
    const linger at_once{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  fd_.reset();
}

TestClient& TestClient::authenticate(std::string_view data) {
  send(envelope("authenticate", data));
  const boost::json::value connected = boost::json::parse(boost::json::string_view(expect("connected")));
  id_ = connected.at("data").at("id").as_string();
  return *this;
}

TestClient& TestClient::authenticate_as(std::string_view user) {
  return authenticate(R"({"userId":)" + quoted(user) + '}');
}

std::string TestClient::join(std::string_view room) {
  send(envelope("join", R"({"rooms":[)" + quoted(room) + "]}", "join"));
  return expect("ack");
}

std::string TestClient::leave(std::string_view room) {
  send(envelope("leave", R"({"rooms":[)" + quoted(room) + "]}", "leave"));
  return expect("ack");
}

std::string TestClient::next() {
  const Deadline deadline;
  while (messages_.empty()) {
    const Got got = take(deadline);
    if (got == Got::close) fail("a close frame came instead of a message: " + std::to_string(close_.code));
    if (got == Got::end) fail("the connection ended instead of a message");
  }
  std::string text = std::move(messages_.front());
  messages_.pop_front();
  return text;
}

std::string TestClient::expect(std::string_view event) {
  std::string text = next();
  if (event_of(text) != event) fail("expected `" + std::string(event) + "`, got: " + text);
  return text;
}

std::string TestClient::wait_for(std::string_view event) {
  for (;;) {
    std::string text = next();
    if (event_of(text) == event) return text;
  }
}

void TestClient::round_trip() {
  const std::string payload = "round trip " + std::to_string(++pings_sent_);
  send_frame(kPing, payload);
  const Deadline deadline;
  do {
    const Got got = take(deadline);
    if (got == Got::close) fail("a close frame came instead of a pong: " + std::to_string(close_.code));
    if (got == Got::end) fail("the connection ended instead of a pong");
  } while (pong_ != payload);
}

std::vector<std::string> TestClient::rest() {
  round_trip();
  std::vector<std::string> all(messages_.begin(), messages_.end());
  messages_.clear();
  return all;
}

void TestClient::expect_ping() {
  const Deadline deadline;
  for (;;) {
    const Got got = take(deadline);
    if (got == Got::ping) return;
    if (got == Got::close || got == Got::end) fail("the connection was closed instead of pinged");
  }
}

CloseFrame TestClient::expect_close() {
  if (messages_.empty() && !has_close_) take(Deadline());
  if (!messages_.empty()) fail("a message came before the close frame: " + messages_.front());
  if (!has_close_) fail("no close frame came");
  return close_;
}

CloseFrame TestClient::wait_for_close() {
  const Deadline deadline;
  while (!has_close_) {
    if (take(deadline) == Got::end) fail("the connection ended without a close frame");
  }
  return close_;
}

void TestClient::expect_end() {
  if (!messages_.empty() || take(Deadline()) != Got::end) fail("something came before the end");
}

void TestClient::wait_for_end() {
  const Deadline deadline;
  while (take(deadline) != Got::end) {
  }
}

TestClient::Got TestClient::take(const Deadline& deadline) {
  std::optional<ServerFrame> frame;
  while (!(frame = read_server_frame(std::string_view(input_).substr(used_)))) {
    input_.erase(0, std::exchange(used_, 0));
    if (!read_some(deadline)) return Got::end;
  }
  used_ += frame->size;
  if (has_close_) fail("a frame came after the close frame");
  if (!frame->final) fail("the server sent a fragment");
  const std::string payload = payload_of(*frame);
  switch (frame->opcode) {
    case kPing:
      if (answers_pings_) send_frame(kPong, payload);
      return Got::ping;
    case kPong:
      pong_ = payload;
      return Got::pong;
    case kClose:
      has_close_ = true;
      close_ = {1005, {}};
      if (payload.size() >= 2) {
        close_.code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8U |
                                                 static_cast<std::uint8_t>(payload[1]));
        close_.reason = payload.substr(2);
      }
      return Got::close;
    default:
      if (frame->opcode != kText) fail("a frame came that is no text: opcode " + std::to_string(frame->opcode));
      messages_.push_back(payload);
      log_.push_back(payload);
      return Got::message;
  }
}

std::string TestClient::payload_of(const ServerFrame& frame) {
  if (!frame.compressed) return std::string(frame.payload);
  if (!compression_) fail("the server compressed a message without having agreed to");
  ++compressed_;
  compressed_bytes_ += frame.payload.size();
  return compression_->open(frame.payload);
}

void TestClient::fail(const std::string& what) const {
  std::string text = what + "; messages so far: " + std::to_string(log_.size());
  for (std::size_t i = log_.size() - std::min<std::size_t>(log_.size(), 5); i < log_.size(); ++i) {
    text += "\n  " + log_[i].substr(0, 300);
  }
  throw std::runtime_error(text);
}

}  // namespace hearth::test
