#include "support/client_frames.hpp"

#include <stdexcept>

namespace hearth::test {

namespace {

constexpr std::string_view kMask = "\x37\xfa\x21\x3d";

std::string header(std::uint8_t first, std::uint64_t length) {
  std::string bytes(1, static_cast<char>(first));
  int length_bytes = 0;
  if (length < 126) {
    bytes += static_cast<char>(0x80U | length);
  } else if (length < 65536) {
    bytes += static_cast<char>(0x80U | 126U);
    length_bytes = 2;
  } else {
    bytes += static_cast<char>(0x80U | 127U);
    length_bytes = 8;
  }
  while (length_bytes-- > 0) bytes += static_cast<char>((length >> (8 * length_bytes)) & 0xffU);
  return bytes.append(kMask);
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

}  // namespace

std::string masked_frame(std::uint8_t opcode, std::string_view payload, bool final) {
  std::string frame = header(static_cast<std::uint8_t>((final ? 0x80 : 0) | opcode), payload.size());
  frame.reserve(frame.size() + payload.size());
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
  return frame;
}

std::string masked_header(std::uint8_t opcode, std::uint64_t length) {
  return header(static_cast<std::uint8_t>(0x80 | opcode), length);
}

std::optional<ServerFrame> read_server_frame(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  if ((byte_at(bytes, 0) & 0x30) != 0) throw std::runtime_error("the server set a reserved bit");
  if ((byte_at(bytes, 1) & 0x80) != 0) throw std::runtime_error("the server masked a frame");
  std::uint64_t length = byte_at(bytes, 1) & 0x7fU;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t header_size = 2 + length_bytes;
  if (bytes.size() < header_size) return std::nullopt;
  if (length_bytes > 0) {
    length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | byte_at(bytes, 2 + i);
    if (length < (length_bytes == 2 ? 126 : 65536)) throw std::runtime_error("the length is not in its shortest form");
  }
  if (bytes.size() - header_size < length) return std::nullopt;
  ServerFrame frame;
  frame.opcode = byte_at(bytes, 0) & 0x0fU;
  frame.final = (byte_at(bytes, 0) & 0x80U) != 0;
  frame.compressed = (byte_at(bytes, 0) & 0x40U) != 0;
  frame.payload = bytes.substr(header_size, length);
  frame.size = header_size + length;
  return frame;
}

}  // namespace hearth::test
