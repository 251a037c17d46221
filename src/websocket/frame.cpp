#include "websocket/frame.hpp"

#include "guard/expect.hpp"
#include "websocket/close_code.hpp"
#include "websocket/frame_bits.hpp"
#include "websocket/frame_header.hpp"
#include "websocket/mask.hpp"

namespace hearth::websocket {
namespace {

/// Longest reason of a close frame: a control frame's payload less the code.
constexpr std::size_t kMaxReason = kMaxControlPayload - 2;

void put_big_endian(char* out, std::uint64_t value, std::size_t bytes) noexcept {
  for (std::size_t i = bytes; i-- > 0; value >>= 8U) {
    out[i] = static_cast<char>(value & 0xffU);
  }
}

/// Writes the first byte and the length; `length_flag` is the mask bit or 0.
std::size_t put_start(char* out, unsigned first_byte, unsigned length_flag, std::uint64_t length) noexcept {
  out[0] = static_cast<char>(first_byte);
  if (length <= 125) {
    out[1] = static_cast<char>(length_flag | static_cast<unsigned>(length));
    return 2;
  }
  if (length <= 0xffff) {
    out[1] = static_cast<char>(length_flag | 126U);
    put_big_endian(out + 2, length, 2);
    return 4;
  }
  out[1] = static_cast<char>(length_flag | 127U);
  put_big_endian(out + 2, length, 8);
  return 10;
}

unsigned first_byte(Opcode opcode, bool compressed, bool final) noexcept {
  return static_cast<unsigned>(opcode) | (compressed ? kRsv1 : 0U) | (final ? kFinal : 0U);
}

/// `text` without the part of a character that a cut at `limit` leaves at its end.
std::string_view cut_at_character(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) {
    return text;
  }
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace

std::size_t write_header(std::span<char, kMaxHeaderLength> out, Opcode opcode, std::uint64_t payload_length,
                         bool compressed) noexcept {
  // What peers make a server send (pongs, reasons) was cut or refused before (RFC 6455, 5.5).
  expect(payload_length <= kMaxControlPayload || !is_control(opcode));
  return put_start(out.data(), first_byte(opcode, compressed, true), 0, payload_length);
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, bool compressed) {
  std::array<char, kMaxHeaderLength> header;
  const std::size_t length = write_header(header, opcode, payload.size(), compressed);
  out.append(header.data(), length);
  out.append(payload);
}

void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload, MaskKey key, bool compressed,
                         bool final) {
  std::array<char, kMaxHeaderLength> header;
  const std::size_t length = put_start(header.data(), first_byte(opcode, compressed, final), kMasked, payload.size());
  out.append(header.data(), length);
  out.append(key.data(), key.size());
  const std::size_t start = out.size();
  out.append(payload);
  apply_mask(std::span(out).subspan(start), key);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code == close_code::kNoStatus) {
    return payload;
  }
  payload.resize(2);
  put_big_endian(payload.data(), code, 2);
  payload += cut_at_character(reason, kMaxReason);
  return payload;
}

}  // namespace hearth::websocket
