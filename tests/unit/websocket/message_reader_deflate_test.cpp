#include "unit/websocket/reading.hpp"
#include "websocket/deflate.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket::test {
namespace {

using Events = std::vector<Seen>;

constexpr Reading kDeflate = {.inflater_bits = 15};

std::string deflated(std::string_view message) {
  Deflater deflater(15, 6);
  return std::string(deflater.compress(message, true));
}

std::string compressed_frame(Opcode opcode, std::string_view message) {
  return masked(opcode, deflated(message), true, true);
}

TEST(MessageReaderDeflate, ReadsTheExamplesOfRFC7692Section723) {
  const Reading as_client = {.role = Role::client, .inflater_bits = 15};
  EXPECT_EQ(read(hex("c1 07 f2 48 cd c9 c9 07 00"), as_client), Events{text("Hello")});
  EXPECT_EQ(read(hex("41 03 f2 48 cd 80 04 c9 c9 07 00"), as_client), Events{text("Hello")}) << "two fragments";
  EXPECT_EQ(read(hex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"), as_client), Events{text("Hello")});
}

TEST(MessageReaderDeflate, RefusesRSV1UnlessAgreedOn) {
  EXPECT_EQ(read(compressed_frame(Opcode::text, "Hello")), Events{failed(Error::reserved_bits)});
}

TEST(MessageReaderDeflate, RefusesRSV1OnAnythingButTheFirstFrameOfAMessage) {
  for (const unsigned opcode : {0x8U, 0x9U, 0xaU}) {
    EXPECT_EQ(read(bare_header(0xc0U | opcode, 0x80), kDeflate), Events{failed(Error::reserved_bits)});
  }
  EXPECT_EQ(read(masked(Opcode::text, "a", false) + bare_header(0xc0, 0x80), kDeflate),
            Events{failed(Error::reserved_bits)});
  EXPECT_EQ(read(masked(Opcode::text, deflated("a"), false, true) + bare_header(0xc0, 0x80), kDeflate),
            Events{failed(Error::reserved_bits)});
}

TEST(MessageReaderDeflate, ReadsPlainAndCompressedMessagesMixed) {
  const std::string bytes = masked(Opcode::text, "plain") + compressed_frame(Opcode::binary, "\xff\xfe") +
                            masked(Opcode::ping, "ping") + compressed_frame(Opcode::text, "last");
  EXPECT_EQ(read(bytes, kDeflate), (Events{text("plain"), binary("\xff\xfe"), ping("ping"), text("last")}));
}

TEST(MessageReaderDeflate, ReadsFragmentsCutAnywhereWithControlFramesBetween) {
  const std::string wire = deflated("Hello Hello Hello World");
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    const std::string bytes = masked(Opcode::text, wire.substr(0, cut), false, true) + masked(Opcode::ping, "p") +
                              masked(Opcode::continuation, wire.substr(cut));
    EXPECT_EQ(read(bytes, kDeflate), (Events{ping("p"), text("Hello Hello Hello World")}));
  }
}

TEST(MessageReaderDeflate, ReadsEmptyMessages) {
  const std::string bytes = masked(Opcode::text, hex("00"), true, true) + masked(Opcode::text, "", true, true) +
                            masked(Opcode::binary, "", false, true) + masked(Opcode::continuation, "");
  EXPECT_EQ(read(bytes, kDeflate), (Events{text(""), text(""), binary("")}));
}

TEST(MessageReaderDeflate, KeepsTheContextFromMessageToMessageIfAgreed) {
  const std::string bytes = masked(Opcode::text, hex("f2 48 cd c9 c9 07 00"), true, true) +
                            masked(Opcode::text, hex("f2 00 11 00 00"), true, true);
  EXPECT_EQ(read(bytes, {.inflater_bits = 15, .reset_inflater = false}), (Events{text("Hello"), text("Hello")}));
  EXPECT_EQ(read(bytes, {.inflater_bits = 15, .reset_inflater = true}),
            (Events{text("Hello"), failed(Error::invalid_deflate_data)}));
}

TEST(MessageReaderDeflate, ChecksTextAfterInflation) {
  EXPECT_EQ(read(compressed_frame(Opcode::text, "caf\xc3\xa9"), kDeflate), Events{text("caf\xc3\xa9")});
  EXPECT_EQ(read(compressed_frame(Opcode::text, "caf\xc3"), kDeflate), Events{failed(Error::invalid_utf8)});
}

TEST(MessageReaderDeflate, HoldsTheLimitForTheInflatedMessage) {
  const std::string message(10'000, 'm');
  EXPECT_EQ(read(compressed_frame(Opcode::text, message), {.max_message_size = 10'000, .inflater_bits = 15}),
            Events{text(message)});
  EXPECT_EQ(read(compressed_frame(Opcode::text, message), {.max_message_size = 9'999, .inflater_bits = 15}),
            Events{failed(Error::message_too_big)});
}

TEST(MessageReaderDeflate, TakesAMessageAtTheLimitThatCompressionMadeLonger) {
  std::string message;
  for (unsigned i = 0, x = 1; i < 3000; ++i, x = x * 1664525U + 1013904223U) {
    message += static_cast<char>(x >> 24U);
  }
  ASSERT_GT(deflated(message).size(), message.size());
  EXPECT_EQ(read(compressed_frame(Opcode::binary, message), {.max_message_size = 3000, .inflater_bits = 15}),
            Events{binary(message)});
}

TEST(MessageReaderDeflate, RefusesCompressedDataFarPastTheLimitBeforeItArrives) {
  const Reading reading = {.max_message_size = 100, .inflater_bits = 15};
  EXPECT_EQ(read(hex("c2 fe 10 00 00 00 00 00"), reading), Events{failed(Error::message_too_big)});
  const std::string empty_block = hex("00 00 00 ff ff");
  std::string bytes = masked(Opcode::binary, empty_block, false, true);
  for (int i = 0; i < 100; ++i) {
    bytes += masked(Opcode::continuation, empty_block, false);
  }
  EXPECT_EQ(read(bytes, reading), Events{failed(Error::message_too_big)}) << "which inflate to nothing";
}

TEST(MessageReaderDeflate, RefusesBadData) {
  EXPECT_EQ(read(masked(Opcode::binary, hex("07"), true, true), kDeflate), Events{failed(Error::invalid_deflate_data)});
}

TEST(MessageReaderDeflate, ReadersMayShareAnInflaterThatStartsAnewForEachMessage) {
  Inflater inflater(15);
  const ReaderContext context{.max_message_size = 1000, .inflater = &inflater, .reset_inflater = true};
  std::vector<MessageReader> readers(3);
  for (int round = 0; round < 3; ++round) {
    for (MessageReader& reader : readers) {
      std::string bytes = compressed_frame(Opcode::text, "Hello");
      std::span<char> input(bytes);
      const Event event = reader.next(input, context);
      EXPECT_EQ(std::string(event.payload.begin(), event.payload.end()), "Hello");
      EXPECT_EQ(reader.next(input, context).kind, Event::Kind::need_more);
      EXPECT_EQ(reader.held_bytes(), 0U);
    }
  }
}

}  // namespace
}  // namespace hearth::websocket::test
