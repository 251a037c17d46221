#include "unit/websocket/reading.hpp"
#include "websocket/deflate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace hearth::websocket::test {
namespace {

using Events = std::vector<Seen>;
using Random = std::mt19937;

std::size_t number_up_to(std::size_t most, Random& random) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

std::string random_payload(bool is_text, Random& random) {
  static constexpr std::array<std::string_view, 5> kCharacters = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\xa5",
                                                                  "z"};
  std::string payload;
  for (std::size_t left = number_up_to(number_up_to(8, random) == 0 ? 3000 : 60, random); left > 0; --left) {
    payload += is_text ? std::string(kCharacters[number_up_to(kCharacters.size() - 1, random)])
                       : std::string(1, static_cast<char>(number_up_to(255, random)));
  }
  return payload;
}

std::string random_frame(Opcode opcode, std::string_view payload, bool final, bool compressed, Random& random) {
  MaskKey key;
  for (char& byte : key) {
    byte = static_cast<char>(number_up_to(255, random));
  }
  std::string frame;
  append_masked_frame(frame, opcode, payload, key, compressed, final);
  return frame;
}

/// A conversation that keeps to the rules, and what a reader has to see of it.
struct Conversation {
  std::string bytes;
  Events events;
};

void add_control(Conversation& conversation, Random& random) {
  const std::string payload(number_up_to(125, random), 'c');
  const bool is_ping = number_up_to(1, random) == 0;
  conversation.bytes += random_frame(is_ping ? Opcode::ping : Opcode::pong, payload, true, false, random);
  conversation.events.push_back(is_ping ? ping(payload) : pong(payload));
}

void add_message(Conversation& conversation, Deflater* deflater, Random& random) {
  const bool is_text = number_up_to(1, random) == 0;
  const bool compressed = deflater != nullptr && number_up_to(2, random) != 0;
  const std::string payload = random_payload(is_text, random);
  std::string wire(compressed ? deflater->compress(payload, false) : std::string_view(payload));
  Opcode opcode = is_text ? Opcode::text : Opcode::binary;
  bool is_first = true;
  while (number_up_to(2, random) == 0) {
    const std::size_t length = number_up_to(wire.size(), random);
    conversation.bytes += random_frame(opcode, wire.substr(0, length), false, compressed && is_first, random);
    wire.erase(0, length);
    opcode = Opcode::continuation;
    is_first = false;
    if (number_up_to(2, random) == 0) {
      add_control(conversation, random);
    }
  }
  conversation.bytes += random_frame(opcode, wire, true, compressed && is_first, random);
  conversation.events.push_back(is_text ? text(payload) : binary(payload));
}

Conversation converse(Deflater* deflater, Random& random) {
  Conversation conversation;
  for (std::size_t left = 1 + number_up_to(10, random); left > 0; --left) {
    add_message(conversation, deflater, random);
  }
  conversation.bytes += random_frame(Opcode::close, close_payload(4000, "done"), true, false, random);
  conversation.events.push_back(closed(4000, "done"));
  return conversation;
}

TEST(MessageReaderRandom, ConversationsAreReadAlikeHoweverTheyAreCut) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Conversation conversation = converse(nullptr, random);
    EXPECT_EQ(read(conversation.bytes), conversation.events);
  }
}

TEST(MessageReaderRandom, CompressedConversationsAreReadAlikeHoweverTheyAreCut) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Deflater deflater(15, 6);
    const Conversation conversation = converse(&deflater, random);
    EXPECT_EQ(read(conversation.bytes, {.inflater_bits = 15, .reset_inflater = false}), conversation.events);
  }
}

TEST(MessageReaderRandom, DamagedConversationsAreReadAlikeHoweverTheyAreCut) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Deflater deflater(15, 6);
    std::string bytes = converse(seed % 2 == 0 ? nullptr : &deflater, random).bytes;
    for (int i = 0; i < 3; ++i) {
      bytes[number_up_to(bytes.size() - 1, random)] ^= static_cast<char>(1U << number_up_to(7, random));
    }
    const Events events = read(bytes, {.max_message_size = 5000, .inflater_bits = 15, .reset_inflater = false});
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      EXPECT_NE(events[i].kind, Event::Kind::failed) << "an event after a failure";
    }
  }
}

}  // namespace
}  // namespace hearth::websocket::test
