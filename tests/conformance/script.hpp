#pragma once

#include "websocket/deflate.hpp"
#include "websocket/frame.hpp"
#include "websocket/message_reader.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::conformance {

using websocket::Opcode;

/// A message or control frame that the server sends.
struct Incoming {
  websocket::Event::Kind kind = websocket::Event::Kind::message;
  Opcode opcode = Opcode::text;  ///< of a message
  std::uint16_t code = 0;        ///< of a close frame
  std::string payload;           ///< of a close frame, its reason
  bool any_reason = false;       ///< of an expected close frame: the reason does not matter

  bool matches(const Incoming& seen) const;
};

void PrintTo(const Incoming& incoming, std::ostream* out);

Incoming message(Opcode opcode, std::string_view payload);
Incoming pong(std::string_view payload);
Incoming closed(std::uint16_t code, std::string_view reason);
Incoming closed_for(std::uint16_t code);

/// What of a frame a case may want to have unusual.
struct FrameForm {
  bool final = true;
  unsigned rsv = 0;  ///< the three reserved bits, RSV1 is 4
};

/// A frame as a client sends it, masked with a key of its own.
std::string frame(Opcode opcode, std::string_view payload, FrameForm form = {});

/// Bytes from hexadecimal digits.
std::string from_hex(std::string_view digits);

/// A message in frames of `size` bytes of payload each, the last one shorter. `rsv` goes to the first frame.
std::string fragmented(Opcode opcode, std::string_view payload, std::size_t size, unsigned rsv = 0);

/// What a client sends, and what it has to see of the server, in steps: the next begins when the server has answered
/// the one before. Reads as a sentence: Script().sends(…).sees(…).
class Script {
 public:
  struct Step {
    std::string bytes;
    std::vector<Incoming> expected;
    std::size_t longest_chunk = SIZE_MAX;  ///< that is written at once when the bytes are sent as written
  };

  Script& sends(std::string_view bytes);
  Script& sees(Incoming incoming);
  /// Sends a message in one frame and sees it come back.
  Script& echoes(Opcode opcode, std::string_view payload);
  /// Writes the bytes of this step in pieces of this size.
  Script& chopped(std::size_t size);
  /// What follows waits for what is expected so far.
  Script& then();
  /// Sends a close frame and sees the server answer with the same.
  Script& closes(std::uint16_t code = 1000, std::string_view reason = {});
  /// Sees the server close, for a broken rule.
  Script& fails(std::uint16_t code);

  /// Asks for permessage-deflate, which the server has to agree to in just this way.
  Script& offers(std::string_view extensions, const websocket::DeflateAgreement& agreement);
  /// Expects the server to send no more than `bytes`.
  Script& receives_at_most(std::size_t bytes);

  const std::vector<Step>& steps() const { return steps_; }
  const std::string& extensions() const { return extensions_; }
  const std::optional<websocket::DeflateAgreement>& agreement() const { return agreement_; }
  std::size_t most_received() const { return most_received_; }
  std::size_t size() const;

 private:
  std::vector<Step> steps_{1};
  std::string extensions_;
  std::optional<websocket::DeflateAgreement> agreement_;
  std::size_t most_received_ = SIZE_MAX;
};

}  // namespace hearth::conformance
