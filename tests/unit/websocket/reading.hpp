#pragma once

#include "websocket/frame.hpp"
#include "websocket/message_reader.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace hearth::websocket::test {

/// An event with its payload copied, to be compared and printed.
struct Seen {
  Event::Kind kind = Event::Kind::need_more;
  Opcode opcode = Opcode::text;
  std::uint16_t code = 0;
  std::string payload;
  std::error_code error;

  bool operator==(const Seen&) const = default;
};

void PrintTo(const Seen& seen, std::ostream* out);

Seen text(std::string_view payload);
Seen binary(std::string_view payload);
Seen ping(std::string_view payload);
Seen pong(std::string_view payload);
Seen closed(std::uint16_t code, std::string_view reason = {});
Seen failed(Error error);

/// How a reader is set up; each reading gets a reader and an inflater of its own.
struct Reading {
  Role role = Role::server;
  std::uint64_t max_message_size = 1 << 20U;
  std::optional<int> inflater_bits = std::nullopt;  ///< none: no permessage-deflate
  bool reset_inflater = true;
};

/// Reads `bytes` cut after each number of bytes in `cuts` (ascending), each piece in memory of exactly its size.
std::vector<Seen> read_cut(std::string_view bytes, const Reading& setup, const std::vector<std::size_t>& cuts);

/// Reads `bytes` at once, byte by byte, cut in two at every place (when they are few), and in random pieces. Expects
/// the same events each time, and gives them out.
std::vector<Seen> read(std::string_view bytes, const Reading& setup = {});

/// One frame as clients send it.
std::string masked(Opcode opcode, std::string_view payload, bool final = true, bool compressed = false);

/// One final frame as servers send it.
std::string unmasked(Opcode opcode, std::string_view payload, bool compressed = false);

/// Bytes from hexadecimal digits; spaces are ignored.
std::string hex(std::string_view digits);

/// A frame's first two bytes and a mask key of zeros: what is left of a frame without payload.
std::string bare_header(unsigned first, unsigned second);

}  // namespace hearth::websocket::test
