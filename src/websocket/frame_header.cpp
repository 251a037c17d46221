#include "websocket/frame_header.hpp"

#include "websocket/frame_bits.hpp"

#include <cstring>

namespace hearth::websocket {
namespace {

constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;

constexpr bool is_reserved(unsigned opcode) noexcept { return (opcode & 0x7U) > 2; }

/// The rules that the first two bytes alone can break.
Error check_start(unsigned first, unsigned second, Role reader, bool may_be_compressed) noexcept {
  const unsigned opcode = first & 0xfU;
  const bool begins_message = opcode == 1 || opcode == 2;
  if ((first & kRsv2And3) != 0 || ((first & kRsv1) != 0 && !(may_be_compressed && begins_message))) {
    return Error::reserved_bits;
  }
  if (is_reserved(opcode)) {
    return Error::reserved_opcode;
  }
  if (is_control(static_cast<Opcode>(opcode))) {
    if ((first & kFinal) == 0) {
      return Error::fragmented_control;
    }
    if ((second & ~kMasked) > kMaxControlPayload) {
      return Error::control_too_long;
    }
  }
  const bool masked = (second & kMasked) != 0;
  if (reader == Role::server && !masked) {
    return Error::unmasked_frame;
  }
  if (reader == Role::client && masked) {
    return Error::masked_frame;
  }
  return {};
}

std::uint64_t big_endian(std::span<const char> bytes) noexcept {
  std::uint64_t value = 0;
  for (const char byte : bytes) {
    value = (value << 8U) | static_cast<unsigned char>(byte);
  }
  return value;
}

/// The rules for a length written in 2 or 8 bytes of its own.
Error check_extended(std::uint64_t length, unsigned short_length) noexcept {
  if ((length >> 63U) != 0) {
    return Error::length_out_of_range;
  }
  return length < (short_length == kLength16 ? 126U : 0x10000U) ? Error::length_not_minimal : Error{};
}

}  // namespace

HeaderResult read_header(std::span<const char> bytes, Role reader, bool may_be_compressed) noexcept {
  HeaderResult result;
  if (bytes.size() < 2) {
    return result;
  }
  const unsigned first = static_cast<unsigned char>(bytes[0]);
  const unsigned second = static_cast<unsigned char>(bytes[1]);
  result.error = check_start(first, second, reader, may_be_compressed);
  if (result.failed()) {
    return result;
  }

  const unsigned short_length = second & ~kMasked;
  const std::size_t extended = short_length == kLength64 ? 8 : short_length == kLength16 ? 2 : 0;
  const bool masked = (second & kMasked) != 0;
  const std::size_t size = 2 + extended + (masked ? sizeof(MaskKey) : 0);
  if (bytes.size() < size) {
    return result;
  }
  FrameHeader& header = result.header;
  header.length = short_length;
  if (extended != 0) {
    header.length = big_endian(bytes.subspan(2, extended));
    result.error = check_extended(header.length, short_length);
  }
  header.opcode = static_cast<Opcode>(first & 0xfU);
  header.final = (first & kFinal) != 0;
  header.compressed = (first & kRsv1) != 0;
  if (masked) {
    std::memcpy(header.key.data(), bytes.data() + 2 + extended, sizeof(MaskKey));
  }
  result.size = size;
  return result;
}

}  // namespace hearth::websocket
