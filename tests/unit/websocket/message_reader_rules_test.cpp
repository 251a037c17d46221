#include "unit/websocket/reading.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket::test {
namespace {

using Events = std::vector<Seen>;

constexpr unsigned kMaskBit = 0x80;

TEST(MessageReaderRules, AServerRefusesFramesThatAreNotMasked) {
  for (const Opcode opcode : {Opcode::text, Opcode::binary, Opcode::ping, Opcode::pong, Opcode::close}) {
    EXPECT_EQ(read(unmasked(opcode, "")), Events{failed(Error::unmasked_frame)});
    EXPECT_EQ(read(unmasked(opcode, "payload")), Events{failed(Error::unmasked_frame)});
  }
}

TEST(MessageReaderRules, AClientRefusesFramesThatAreMasked) {
  EXPECT_EQ(read(masked(Opcode::text, "payload"), {.role = Role::client}), Events{failed(Error::masked_frame)});
  EXPECT_EQ(read(masked(Opcode::ping, ""), {.role = Role::client}), Events{failed(Error::masked_frame)});
}

TEST(MessageReaderRules, ReservedBitsAreRefusedOnEveryKindOfFrame) {
  for (unsigned bits = 0x10; bits <= 0x70; bits += 0x10) {
    for (const unsigned opcode : {0x1U, 0x2U, 0x8U, 0x9U, 0xaU}) {
      EXPECT_EQ(read(bare_header(0x80U | bits | opcode, kMaskBit)), Events{failed(Error::reserved_bits)});
    }
  }
}

TEST(MessageReaderRules, ReservedBits2And3AreRefusedWithCompressionToo) {
  for (const unsigned bits : {0x10U, 0x20U, 0x30U, 0x50U, 0x60U, 0x70U}) {
    EXPECT_EQ(read(bare_header(0x81U | bits, kMaskBit), {.inflater_bits = 15}), Events{failed(Error::reserved_bits)});
  }
}

TEST(MessageReaderRules, ReservedBitsAreRefusedInTheMiddleOfAMessage) {
  EXPECT_EQ(read(masked(Opcode::text, "a", false) + bare_header(0xa0, kMaskBit)), Events{failed(Error::reserved_bits)});
}

TEST(MessageReaderRules, ReservedOpcodesAreRefused) {
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    EXPECT_EQ(read(bare_header(0x80U | opcode, kMaskBit)), Events{failed(Error::reserved_opcode)});
  }
}

TEST(MessageReaderRules, ControlFramesMustNotBeFragmented) {
  for (const unsigned opcode : {0x8U, 0x9U, 0xaU}) {
    EXPECT_EQ(read(bare_header(opcode, kMaskBit)), Events{failed(Error::fragmented_control)});
  }
}

TEST(MessageReaderRules, ControlFramesHave125BytesAtMost) {
  for (const unsigned opcode : {0x88U, 0x89U, 0x8aU}) {
    for (const unsigned length : {126U, 127U}) {
      EXPECT_EQ(read(bare_header(opcode, kMaskBit | length)), Events{failed(Error::control_too_long)});
    }
  }
  EXPECT_EQ(read(masked(Opcode::ping, std::string(126, 'x'))), Events{failed(Error::control_too_long)});
}

TEST(MessageReaderRules, LengthsAreWrittenInTheFewestBytes) {
  EXPECT_EQ(read(hex("81 fe 00 7d 00 00 00 00")), Events{failed(Error::length_not_minimal)});
  EXPECT_EQ(read(hex("81 fe 00 00 00 00 00 00")), Events{failed(Error::length_not_minimal)});
  EXPECT_EQ(read(hex("81 ff 00 00 00 00 00 00 ff ff 00 00 00 00")), Events{failed(Error::length_not_minimal)});
  EXPECT_EQ(read(hex("81 ff 00 00 00 00 00 00 00 01 00 00 00 00")), Events{failed(Error::length_not_minimal)});
}

TEST(MessageReaderRules, TheTopBitOfALengthIsZero) {
  EXPECT_EQ(read(hex("81 ff 80 00 00 00 00 00 00 00 00 00 00 00")), Events{failed(Error::length_out_of_range)});
  EXPECT_EQ(read(hex("81 ff ff ff ff ff ff ff ff ff 00 00 00 00")), Events{failed(Error::length_out_of_range)});
}

TEST(MessageReaderRules, AContinuationNeedsAMessageToContinue) {
  EXPECT_EQ(read(masked(Opcode::continuation, "a")), Events{failed(Error::unexpected_continuation)});
  EXPECT_EQ(read(masked(Opcode::continuation, "a", false)), Events{failed(Error::unexpected_continuation)});
  EXPECT_EQ(read(masked(Opcode::text, "whole") + masked(Opcode::continuation, "a")),
            (Events{text("whole"), failed(Error::unexpected_continuation)}));
  EXPECT_EQ(
      read(masked(Opcode::text, "a", false) + masked(Opcode::continuation, "b") + masked(Opcode::continuation, "c")),
      (Events{text("ab"), failed(Error::unexpected_continuation)}));
}

TEST(MessageReaderRules, AMessageEndsBeforeTheNextBegins) {
  for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
    EXPECT_EQ(read(masked(Opcode::text, "a", false) + masked(opcode, "b")), Events{failed(Error::unfinished_message)});
    EXPECT_EQ(read(masked(Opcode::binary, "", false) + masked(opcode, "b", false)),
              Events{failed(Error::unfinished_message)});
  }
}

TEST(MessageReaderRules, AClosePayloadIsNotOneByte) {
  EXPECT_EQ(read(masked(Opcode::close, "a")), Events{failed(Error::invalid_close_payload)});
}

TEST(MessageReaderRules, CloseCodesThatMustNotBeSentAreRefused) {
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    const std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    EXPECT_EQ(read(masked(Opcode::close, payload)), Events{failed(Error::invalid_close_code)}) << code;
    EXPECT_EQ(read(masked(Opcode::close, payload + "why")), Events{failed(Error::invalid_close_code)}) << code;
  }
}

TEST(MessageReaderRules, ACloseReasonIsUTF8) {
  for (const std::string_view reason : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(read(masked(Opcode::close, close_payload(1000, reason))), Events{failed(Error::invalid_utf8)});
  }
}

TEST(MessageReaderLimit, AMessageMayBeAsLongAsTheLimitAndNoLonger) {
  const Reading reading{.max_message_size = 200};
  const std::string fits(200, 'x');
  const std::string too_long(201, 'x');
  EXPECT_EQ(read(masked(Opcode::binary, fits), reading), Events{binary(fits)});
  EXPECT_EQ(read(masked(Opcode::binary, too_long), reading), Events{failed(Error::message_too_big)});
}

TEST(MessageReaderLimit, CountsAllFragmentsOfAMessage) {
  const Reading reading{.max_message_size = 10};
  const std::string start = masked(Opcode::text, "123456", false) + masked(Opcode::ping, "not counted");
  EXPECT_EQ(read(start + masked(Opcode::continuation, "7890"), reading),
            (Events{ping("not counted"), text("1234567890")}));
  EXPECT_EQ(read(start + masked(Opcode::continuation, "78901"), reading),
            (Events{ping("not counted"), failed(Error::message_too_big)}));
}

TEST(MessageReaderLimit, BeginsAnewWithEachMessage) {
  const Reading reading{.max_message_size = 3};
  EXPECT_EQ(read(masked(Opcode::text, "abc") + masked(Opcode::text, "def", false) + masked(Opcode::continuation, "") +
                     masked(Opcode::text, "ghi"),
                 reading),
            (Events{text("abc"), text("def"), text("ghi")}));
}

TEST(MessageReaderLimit, IsCheckedOnTheHeaderAlone) {
  EXPECT_EQ(read(hex("82 ff 7f ff ff ff ff ff ff ff 00 00 00 00")), Events{failed(Error::message_too_big)});
  EXPECT_EQ(read(masked(Opcode::text, "a", false) + hex("80 ff 7f ff ff ff ff ff ff ff 00 00 00 00")),
            Events{failed(Error::message_too_big)});
}

TEST(MessageReaderLimit, HoldsAtTheLargestValueToo) {
  const Reading reading{.max_message_size = ~std::uint64_t{0}};
  EXPECT_EQ(read(masked(Opcode::text, "a", false) + hex("80 ff 7f ff ff ff ff ff ff ff 00 00 00 00") + "b", reading),
            Events{});
}

TEST(MessageReaderLimit, DoesNotConcernControlFrames) {
  const Reading reading{.max_message_size = 0};
  EXPECT_EQ(read(masked(Opcode::ping, "ping") + masked(Opcode::text, ""), reading), (Events{ping("ping"), text("")}));
}

}  // namespace
}  // namespace hearth::websocket::test
