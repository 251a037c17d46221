#pragma once

#include "hearth/deflate_options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace hearth::websocket {

/// What both ends agreed on for permessage-deflate (RFC 7692, 7.1).
struct DeflateAgreement {
  bool server_no_context_takeover = true;
  bool client_no_context_takeover = true;
  std::uint8_t server_max_window_bits = 15;  ///< 9 to 15
  std::uint8_t client_max_window_bits = 15;  ///< 8 to 15
  bool names_server_window = false;          ///< the offer has server_max_window_bits, so the answer must, even with 15
};

/// Answers a client's `Sec-WebSocket-Extensions`: the first offer that can be met as RFC 7692, 7.1 wants it, or
/// nothing. An offer with unknown, repeated or out-of-range parameters is declined, as is server_max_window_bits=8,
/// which zlib cannot write. What the server's own options ask for (`preferences`) is added where the offer allows it.
std::optional<DeflateAgreement> agree_on_deflate(std::string_view extensions_header, const DeflateOptions& preferences);

/// The value of the server's `Sec-WebSocket-Extensions` for an agreement.
std::string extension_header(const DeflateAgreement& agreement);

/// Compresses messages (RFC 7692, 7.2.1). Owns one zlib stream, made at the first use. Not thread-safe.
class Deflater {
 public:
  /// `window_bits` 9 to 15, `level` as in zlib, 1 to 9.
  Deflater(int window_bits, int level);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// The compressed payload, valid until the next call. `reset` starts a new context first (no context takeover).
  std::string_view compress(std::string_view message, bool reset);

  /// Gives back what a large message made the output grow to; ends the life of the last result.
  void trim() noexcept;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

/// Opens compressed messages (RFC 7692, 7.2.2), never past a limit. Not thread-safe.
class Inflater {
 public:
  struct Result {
    std::span<char> message;  ///< valid until the next call
    std::error_code error;    ///< bad data, or more than `max_size` bytes
  };

  /// `window_bits` 8 to 15: the peer's window; a larger one than agreed is harmless.
  explicit Inflater(int window_bits);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Opens one whole message. Stops as soon as the output would pass `max_size`. `reset` forgets earlier messages.
  Result inflate(std::string_view compressed, std::uint64_t max_size, bool reset);

  /// Gives back what a large message made the output grow to; ends the life of the last result.
  void trim() noexcept;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace hearth::websocket
