#pragma once

#include "websocket/error.hpp"
#include "websocket/frame.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

namespace hearth::websocket {

class Inflater;
struct FrameHeader;
struct HeaderResult;

/// What `MessageReader::next` found.
struct Event {
  enum class Kind : std::uint8_t {
    need_more,  ///< the input is used up; nothing to report
    message,    ///< a whole message, reassembled and inflated; `opcode` is text or binary
    ping,
    pong,
    close,   ///< the peer's close frame; nothing after it is read
    failed,  ///< the peer broke a rule: answer with `code` and read nothing more
  };

  Kind kind = Kind::need_more;
  Opcode opcode = Opcode::text;
  /// A close code: what the peer gave (1005 for none), or what to answer to a broken rule.
  std::uint16_t code = 0;
  /// Message, ping and pong: the payload; close: the reason. Valid, and free to be overwritten, until the next call
  /// of `next` (of any reader that shares the inflater) or until the input is reused.
  std::span<char> payload;
  /// Which rule was broken, when `failed`.
  std::error_code error;
};

/// What a reader has to know of its connection. Given at each call, so that a connection at rest need not hold it.
struct ReaderContext {
  Role role = Role::server;
  /// Longest message accepted, in bytes, after reassembly and after inflation.
  std::uint64_t max_message_size = 0;
  /// Opens compressed messages; null when permessage-deflate was not agreed on. Not owned. With context takeover it
  /// belongs to the connection alone; without, any connections of one thread may share it.
  Inflater* inflater = nullptr;
  /// Whether the inflater starts anew for each message (RFC 7692, 7.1.1).
  bool reset_inflater = true;
};

/// Reads WebSocket frames of one connection and gives out whole messages and control frames (RFC 6455, 5; RFC 7692).
///
/// Bytes in, events out: no socket, no clock. A message that lies whole and unfragmented in the input is unmasked and
/// handed out in place, without copying or allocating; anything else is assembled in memory that is given back with the
/// message. A length is checked against the limit before anything is allocated for it. Not thread-safe.
class MessageReader {
 public:
  MessageReader() noexcept;
  ~MessageReader();
  MessageReader(MessageReader&&) noexcept;
  MessageReader& operator=(MessageReader&&) noexcept;

  /// Takes bytes from the front of `input`, which it shortens and unmasks in place, up to the next event. Call it again
  /// until it says `need_more` (then `input` is empty), `close` or `failed`; after one of these two it reads nothing
  /// more and says `need_more` to whatever comes.
  Event next(std::span<char>& input, const ReaderContext& context);

  /// Bytes held on the heap now: 0 between messages.
  std::size_t held_bytes() const noexcept;

 private:
  struct Assembly;

  Event read_frame(std::span<char>& input, const ReaderContext& context);
  HeaderResult take_header(std::span<char>& input, const ReaderContext& context);
  Error check_place(const FrameHeader& frame, const ReaderContext& context) const noexcept;
  Event read_whole_message(std::span<char>& input, const FrameHeader& frame, const ReaderContext& context);
  void begin_frame(const FrameHeader& frame);
  Event read_payload(std::span<char>& input, const ReaderContext& context);
  Event finish_frame(const ReaderContext& context);
  Event open_compressed(Opcode opcode, std::span<char> compressed, const ReaderContext& context);
  Event finish_control(Opcode opcode, std::span<char> payload);
  Event fail(std::error_code error, std::uint16_t code);
  Event fail(Error error) { return fail(error, close_code_for(error)); }
  Assembly& assembly();

  /// What has arrived of a frame or message that is not complete; null at rest.
  std::unique_ptr<Assembly> assembly_;
  /// A close frame was read or a rule was broken.
  bool ended_ = false;
};

static_assert(sizeof(MessageReader) <= 48);

}  // namespace hearth::websocket
