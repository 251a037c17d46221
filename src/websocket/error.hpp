#pragma once

#include <system_error>

namespace hearth::websocket {

/// Rules that a peer can break, one enumerator a rule. `close_code_for` groups them under the codes of RFC 6455, 7.4.1.
enum class Error {
  unmasked_frame = 1,
  masked_frame,
  reserved_bits,
  reserved_opcode,
  fragmented_control,
  control_too_long,
  length_not_minimal,
  length_out_of_range,  ///< the top bit of a 64-bit length is set
  unexpected_continuation,
  unfinished_message,  ///< a new message began before the last fragment of the one before
  message_too_big,
  invalid_utf8,
  invalid_close_payload,
  invalid_close_code,
  invalid_deflate_data,
  invalid_response,  ///< client: the server's answer is no upgrade
};

const std::error_category& category() noexcept;
std::error_code make_error_code(Error error) noexcept;

/// The close code that tells the peer: 1002, 1007 or 1009.
std::uint16_t close_code_for(Error error) noexcept;

}  // namespace hearth::websocket

template <>
struct std::is_error_code_enum<hearth::websocket::Error> : std::true_type {};
