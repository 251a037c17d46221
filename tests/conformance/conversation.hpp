#pragma once

#include "conformance/script.hpp"
#include "net/file_descriptor.hpp"
#include "support/patience.hpp"

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::conformance {

/// How the bytes of a script reach the server.
enum class Delivery : std::uint8_t { as_written, in_random_chunks, byte_by_byte };

/// A client's connection to the server under test. What does not come in time throws std::runtime_error.
class Conversation {
 public:
  /// Connects and upgrades. The server has to agree to compression as the script says.
  Conversation(const std::string& address, const Script& script);

  /// Sends a step's bytes, reading all the while, until the server has sent as many messages and control frames as the
  /// step expects, has closed, or is silent for longer than it may be.
  void play(const Script::Step& step, Delivery delivery, std::mt19937& random);

  /// Answers the server's close frame, if that is still to be done, and reads up to the end of the connection.
  void finish(bool sent_close);

  /// What the server has sent and nobody has taken.
  std::vector<Incoming> take_seen() { return std::exchange(seen_, {}); }
  std::size_t bytes_received() const { return bytes_received_; }

 private:
  void write_some(std::string_view& chunk);
  void read_some();
  void wait(bool to_write, const test::Deadline& deadline);

  net::FileDescriptor socket_;
  std::unique_ptr<websocket::Inflater> inflater_;
  websocket::ReaderContext context_;
  websocket::MessageReader reader_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{64} * 1024);
  std::vector<Incoming> seen_;
  std::size_t bytes_received_ = 0;
  bool server_closed_ = false;  ///< its close frame came
  bool can_write_ = true;
  bool has_ended_ = false;
};

}  // namespace hearth::conformance
