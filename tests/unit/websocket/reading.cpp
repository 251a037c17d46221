#include "unit/websocket/reading.hpp"

#include "websocket/deflate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hearth::websocket::test {
namespace {

constexpr std::size_t kFewBytes = 600;
constexpr int kRandomReadings = 12;

std::vector<std::size_t> every_byte(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = 1; at < size; ++at) {
    cuts.push_back(at);
  }
  return cuts;
}

/// Pieces of 1 to about `mean` times two bytes.
std::vector<std::size_t> random_cuts(std::size_t size, std::size_t mean, std::mt19937& random) {
  std::uniform_int_distribution<std::size_t> length(1, mean * 2);
  std::vector<std::size_t> cuts;
  for (std::size_t at = length(random); at < size; at += length(random)) {
    cuts.push_back(at);
  }
  return cuts;
}

Seen message(Opcode opcode, std::string_view payload) {
  return {Event::Kind::message, opcode, 0, std::string(payload), {}};
}

/// A copy; the opcode counts for messages alone.
Seen copy(const Event& event) {
  const Opcode opcode = event.kind == Event::Kind::message ? event.opcode : Opcode::text;
  return {event.kind, opcode, event.code, std::string(event.payload.begin(), event.payload.end()), event.error};
}

/// Reads one piece up to the reader's `need_more`, or to an event after which it reads nothing.
void read_piece(MessageReader& reader, const ReaderContext& context, std::string_view piece, std::vector<Seen>& seen) {
  std::vector<char> memory(piece.begin(), piece.end());
  memory.shrink_to_fit();
  std::span<char> input(memory);
  for (;;) {
    const Event event = reader.next(input, context);
    if (event.kind == Event::Kind::need_more) {
      EXPECT_TRUE(input.empty());
      return;
    }
    seen.push_back(copy(event));
    std::fill(event.payload.begin(), event.payload.end(), '\xee');  // it is free to be overwritten
  }
}

}  // namespace

void PrintTo(const Seen& seen, std::ostream* out) {
  constexpr std::size_t kShown = 40;
  *out << "kind " << static_cast<int>(seen.kind) << " opcode " << static_cast<int>(seen.opcode) << " code " << seen.code
       << " " << seen.payload.size() << " bytes \"" << seen.payload.substr(0, kShown) << "\"";
  if (seen.error) {
    *out << " " << seen.error.message();
  }
}

Seen text(std::string_view payload) { return message(Opcode::text, payload); }
Seen binary(std::string_view payload) { return message(Opcode::binary, payload); }
Seen ping(std::string_view payload) { return {Event::Kind::ping, Opcode::text, 0, std::string(payload), {}}; }
Seen pong(std::string_view payload) { return {Event::Kind::pong, Opcode::text, 0, std::string(payload), {}}; }

Seen closed(std::uint16_t code, std::string_view reason) {
  return {Event::Kind::close, Opcode::text, code, std::string(reason), {}};
}

Seen failed(Error error) { return {Event::Kind::failed, Opcode::text, close_code_for(error), {}, error}; }

std::vector<Seen> read_cut(std::string_view bytes, const Reading& setup, const std::vector<std::size_t>& cuts) {
  std::unique_ptr<Inflater> inflater;
  if (setup.inflater_bits) {
    inflater = std::make_unique<Inflater>(*setup.inflater_bits);
  }
  const ReaderContext context{setup.role, setup.max_message_size, inflater.get(), setup.reset_inflater};
  MessageReader reader;
  std::vector<Seen> seen;
  std::size_t start = 0;
  for (const std::size_t cut : cuts) {
    read_piece(reader, context, bytes.substr(start, cut - start), seen);
    start = cut;
  }
  read_piece(reader, context, bytes.substr(start), seen);
  return seen;
}

std::vector<Seen> read(std::string_view bytes, const Reading& setup) {
  const std::vector<Seen> expected = read_cut(bytes, setup, {});
  EXPECT_EQ(read_cut(bytes, setup, every_byte(bytes.size())), expected) << "byte by byte";
  if (bytes.size() <= kFewBytes) {
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      EXPECT_EQ(read_cut(bytes, setup, {cut}), expected) << "cut at " << cut;
    }
  }
  for (int seed = 0; seed < kRandomReadings; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const std::size_t mean = std::max<std::size_t>(1, bytes.size() / (2U << (static_cast<unsigned>(seed) % 6U)));
    EXPECT_EQ(read_cut(bytes, setup, random_cuts(bytes.size(), mean, random)), expected) << "seed " << seed;
  }
  return expected;
}

std::string masked(Opcode opcode, std::string_view payload, bool final, bool compressed) {
  std::string frame;
  append_masked_frame(frame, opcode, payload, {'\x37', '\xfa', '\x21', '\x3d'}, compressed, final);
  return frame;
}

std::string unmasked(Opcode opcode, std::string_view payload, bool compressed) {
  std::string frame;
  append_frame(frame, opcode, payload, compressed);
  return frame;
}

std::string hex(std::string_view digits) {
  std::string bytes;
  std::string byte;
  for (const char digit : digits) {
    if (digit == ' ') {
      continue;
    }
    byte += digit;
    if (byte.size() == 2) {
      bytes += static_cast<char>(std::stoi(byte, nullptr, 16));
      byte.clear();
    }
  }
  return bytes;
}

std::string bare_header(unsigned first, unsigned second) {
  const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
  return (second & 0x80U) != 0 ? bytes + std::string(4, '\0') : bytes;
}

}  // namespace hearth::websocket::test
