#pragma once

#include "net/file_descriptor.hpp"
#include "support/client_compression.hpp"
#include "support/client_frames.hpp"
#include "support/patience.hpp"
#include "support/tls_socket.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// The text of an envelope; `data` is JSON or empty, `id` a text or empty.
std::string envelope(std::string_view event, std::string_view data = {}, std::string_view id = {});

/// The event of an envelope; empty if there is none.
std::string event_of(std::string_view text);

struct HttpAnswer {
  unsigned status = 0;
  std::string head;
  std::string body;
};

struct CloseFrame {
  std::uint16_t code = 0;  ///< 1005 when it had none
  std::string reason;
  bool operator==(const CloseFrame&) const = default;
};

std::ostream& operator<<(std::ostream& out, const CloseFrame& close);

/// A blocking WebSocket client with an eye for order. What does not come within kPatience, or not as expected, throws
/// std::runtime_error, which fails the test with what had come instead.
class TestClient {
 public:
  /// Connects, and no more.
  explicit TestClient(const std::string& address, int receive_buffer = 0);
  /// As above, and then shakes hands.
  TestClient(const std::string& address, const TlsClientOptions& tls, int receive_buffer = 0);

  /// Of a shard that has no thread (TurnedShard): in place of waiting for bytes it has that one turn.
  TestClient(net::FileDescriptor socket, std::function<void()> turn);

  // HTTP
  void write(std::string_view bytes);
  /// Reads an answer up to its Content-Length, or its head if it is an upgrade or `with_body` is false.
  HttpAnswer read_http(bool with_body = true);
  /// Asks for an upgrade and throws if it is not granted.
  TestClient& upgrade(std::string_view path = "/ws", std::string_view fields = {});

  // what it sends
  void send(std::string_view text) { write(masked_frame(kText, text)); }
  void send_frame(std::uint8_t opcode, std::string_view payload, bool final = true) {
    write(masked_frame(opcode, payload, final));
  }
  /// Sends a text compressed, as was agreed on in the upgrade.
  void send_compressed(std::string_view text);
  void send_close(std::uint16_t code, std::string_view reason = {});
  /// Answers the server's close frame, reads on to the end and closes the socket.
  void finish();
  /// Ends its direction of the socket.
  void end();
  /// Closes the socket. `abort`: with a reset.
  void drop(bool abort = false);
  /// Does not answer pings any more.
  void ignore_pings() { answers_pings_ = false; }

  /// Sends `authenticate` and takes `connected`; notes the client id. `data` is JSON.
  TestClient& authenticate(std::string_view data = "{}");
  /// Authenticates as a user.
  TestClient& authenticate_as(std::string_view user);
  const std::string& id() const { return id_; }
  /// Sends a request with an id and takes its answer, which must be `ack`.
  std::string join(std::string_view room);
  std::string leave(std::string_view room);

  // what it gets
  /// The next message.
  std::string next();
  /// The next message, which must be of this event.
  std::string expect(std::string_view event);
  /// Reads on to a message of this event; those before it are passed over.
  std::string wait_for(std::string_view event);
  /// Lets the server handle all that was sent to it: a ping, and everything up to its pong.
  void round_trip();
  /// All messages that came and were not taken, once the server has handled all that was sent to it.
  std::vector<std::string> rest();
  /// Reads on to a ping.
  void expect_ping();
  /// The next frame, which must be a close frame. It is not answered.
  CloseFrame expect_close();
  /// Reads on to a close frame.
  CloseFrame wait_for_close();
  /// The connection's end, with nothing before it.
  void expect_end();
  /// Reads on to the connection's end.
  void wait_for_end();

  /// How many of the messages came compressed, as agreed on in the upgrade, and what they took on the wire.
  std::size_t compressed() const { return compressed_; }
  std::size_t compressed_bytes() const { return compressed_bytes_; }
  /// Every message, in order, since the upgrade.
  const std::vector<std::string>& log() const { return log_; }
  int fd() const { return fd_.get(); }
  TlsSocket& tls() { return *tls_; }

 private:
  enum class Got : std::uint8_t { message, ping, pong, close, end };
  /// Takes one frame, or the end.
  Got take(const Deadline& deadline);
  std::string payload_of(const ServerFrame& frame);
  [[noreturn]] void fail(const std::string& what) const;

  bool read_some(const Deadline& deadline);
  void turn_until_readable() const;

  net::FileDescriptor fd_;
  std::unique_ptr<TlsSocket> tls_;  // null: plain
  std::function<void()> turn_;      // empty: it waits
  std::string input_;
  std::size_t used_ = 0;  // of input_
  std::deque<std::string> messages_;
  std::vector<std::string> log_;
  CloseFrame close_;
  bool has_close_ = false;
  std::string pong_;
  std::uint64_t pings_sent_ = 0;
  bool answers_pings_ = true;
  std::optional<ClientCompression> compression_;
  std::size_t compressed_ = 0;
  std::size_t compressed_bytes_ = 0;
  std::string id_;
};

}  // namespace hearth::test
