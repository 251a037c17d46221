#include "websocket/message_reader.hpp"
#include "unit/websocket/reading.hpp"
#include "websocket/close_code.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace hearth::websocket::test {
namespace {

using Events = std::vector<Seen>;

Events read_from_server(std::string_view bytes) { return read(bytes, {.role = Role::client}); }

TEST(MessageReader, ReadsTheExamplesOfRFC6455Section57) {
  EXPECT_EQ(read_from_server(hex("81 05 48 65 6c 6c 6f")), Events{text("Hello")});
  EXPECT_EQ(read(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")), Events{text("Hello")});
  EXPECT_EQ(read_from_server(hex("01 03 48 65 6c 80 02 6c 6f")), Events{text("Hello")});
  EXPECT_EQ(read_from_server(hex("89 05 48 65 6c 6c 6f")), Events{ping("Hello")});
  EXPECT_EQ(read(hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58")), Events{pong("Hello")});
  const std::string bytes256(256, '\x5a');
  EXPECT_EQ(read_from_server(hex("82 7e 01 00") + bytes256), Events{binary(bytes256)});
  const std::string bytes65536(65536, '\xa5');
  EXPECT_EQ(read_from_server(hex("82 7f 00 00 00 00 00 01 00 00") + bytes65536), Events{binary(bytes65536)});
}

TEST(MessageReader, SaysNeedMoreToEmptyInput) {
  MessageReader reader;
  std::span<char> input;
  EXPECT_EQ(reader.next(input, {}).kind, Event::Kind::need_more);
}

TEST(MessageReader, ReadsMessagesOfEveryLengthAroundTheFormsOfTheLength) {
  for (const std::size_t size : {0, 1, 3, 4, 7, 8, 9, 31, 32, 33, 124, 125, 126, 127, 128, 65535, 65536, 65537}) {
    SCOPED_TRACE(size);
    const std::string payload(size, 'x');
    EXPECT_EQ(read(masked(Opcode::text, payload)), Events{text(payload)});
    EXPECT_EQ(read(masked(Opcode::binary, payload)), Events{binary(payload)});
  }
}

TEST(MessageReader, ReadsMessagesThatStandOneBehindTheOther) {
  std::string bytes;
  Events expected;
  for (int i = 0; i < 40; ++i) {
    const std::string payload = std::string(static_cast<std::size_t>(i), 'm') + std::to_string(i);
    bytes += masked(i % 2 == 0 ? Opcode::text : Opcode::binary, payload);
    expected.push_back(i % 2 == 0 ? text(payload) : binary(payload));
  }
  EXPECT_EQ(read(bytes), expected);
}

TEST(MessageReader, JoinsFragments) {
  const std::string bytes = masked(Opcode::text, "one ", false) + masked(Opcode::continuation, "two ", false) +
                            masked(Opcode::continuation, "three");
  EXPECT_EQ(read(bytes), Events{text("one two three")});
}

TEST(MessageReader, JoinsEmptyFragments) {
  EXPECT_EQ(read(masked(Opcode::text, "", false) + masked(Opcode::continuation, "", false) +
                 masked(Opcode::continuation, "")),
            Events{text("")});
  EXPECT_EQ(read(masked(Opcode::binary, "", false) + masked(Opcode::continuation, "x", false) +
                 masked(Opcode::continuation, "")),
            Events{binary("x")});
}

TEST(MessageReader, GivesOutControlFramesBetweenFragmentsAtOnce) {
  const std::string bytes = masked(Opcode::text, "a", false) + masked(Opcode::ping, "first") +
                            masked(Opcode::continuation, "b", false) + masked(Opcode::pong, "second") +
                            masked(Opcode::continuation, "c") + masked(Opcode::text, "next");
  EXPECT_EQ(read(bytes), (Events{ping("first"), pong("second"), text("abc"), text("next")}));
}

TEST(MessageReader, ReadsACloseBetweenFragments) {
  const std::string bytes = masked(Opcode::text, "a", false) + masked(Opcode::close, close_payload(1000, "enough"));
  EXPECT_EQ(read(bytes), Events{closed(1000, "enough")});
}

TEST(MessageReader, ReadsControlFramesUpTo125Bytes) {
  for (const std::size_t size : {0, 1, 124, 125}) {
    const std::string payload(size, '\xfe');
    EXPECT_EQ(read(masked(Opcode::ping, payload) + masked(Opcode::pong, payload)),
              (Events{ping(payload), pong(payload)}));
  }
}

TEST(MessageReader, ReadsACloseWithoutCodeAs1005) {
  EXPECT_EQ(read(masked(Opcode::close, "")), Events{closed(close_code::kNoStatus)});
}

TEST(MessageReader, PassesOnEveryValidCloseCodeWithItsReason) {
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    const auto sent = static_cast<std::uint16_t>(code);
    EXPECT_EQ(read(masked(Opcode::close, close_payload(sent, "caf\xc3\xa9"))), Events{closed(sent, "caf\xc3\xa9")});
    EXPECT_EQ(read(masked(Opcode::close, close_payload(sent, ""))), Events{closed(sent)});
  }
}

TEST(MessageReader, ReadsACloseReasonOf123Bytes) {
  const std::string reason(123, 'r');
  EXPECT_EQ(read(masked(Opcode::close, close_payload(1000, reason))), Events{closed(1000, reason)});
}

TEST(MessageReader, ReadsNothingAfterAClose) {
  EXPECT_EQ(read(masked(Opcode::close, "") + masked(Opcode::text, "late") + bare_header(0xff, 0xff)),
            Events{closed(close_code::kNoStatus)});
}

TEST(MessageReader, ReadsNothingAfterABrokenRule) {
  EXPECT_EQ(read(bare_header(0x83, 0x80) + masked(Opcode::text, "late")), Events{failed(Error::reserved_opcode)});
}

TEST(MessageReader, HandsOutAWholeMessageInPlace) {
  std::string bytes = masked(Opcode::text, "Hello") + masked(Opcode::ping, "there");
  std::span<char> input(bytes);
  MessageReader reader;
  const ReaderContext context{.max_message_size = 100};
  const Event message = reader.next(input, context);
  EXPECT_EQ(message.payload.data(), bytes.data() + 6);
  const Event control = reader.next(input, context);
  EXPECT_EQ(control.payload.data(), bytes.data() + 11 + 6);
  EXPECT_EQ(reader.held_bytes(), 0U);
}

/// Gives a reader one piece, which must be taken whole.
Event give(MessageReader& reader, std::string bytes, const ReaderContext& context) {
  std::span<char> input(bytes);
  Event event = reader.next(input, context);
  EXPECT_TRUE(input.empty());
  event.payload = {};
  return event;
}

TEST(MessageReader, HoldsMemoryForWhatHasArrivedAndNotForTheLengthAnnounced) {
  constexpr std::uint64_t kGigabyte = 1 << 30U;
  const ReaderContext context{.max_message_size = kGigabyte};
  MessageReader reader;
  give(reader, hex("82 ff 00 00 00 00 40 00 00 00 00 00 00 00") + std::string(100, 'x'), context);
  EXPECT_LT(reader.held_bytes(), 1000U);
  give(reader, std::string(5000, 'x'), context);
  EXPECT_LT(reader.held_bytes(), 12000U);
}

TEST(MessageReader, HoldsNoMoreThanTheLastFrameNeeds) {
  const ReaderContext context{.max_message_size = 1 << 20U};
  const std::string frame = masked(Opcode::binary, std::string(10'000, 'x'));
  MessageReader reader;
  for (std::size_t at = 0; at + 1 < frame.size(); at += 1000) {
    give(reader, frame.substr(at, std::min<std::size_t>(1000, frame.size() - 1 - at)), context);
  }
  EXPECT_LT(reader.held_bytes(), 10'500U);
}

TEST(MessageReader, GivesItsMemoryBackWithTheMessage) {
  const ReaderContext context{.max_message_size = 1 << 20U};
  MessageReader reader;
  give(reader, masked(Opcode::text, std::string(1000, 'a'), false), context);
  EXPECT_GT(reader.held_bytes(), 1000U);
  EXPECT_EQ(give(reader, masked(Opcode::continuation, "b"), context).kind, Event::Kind::message);
  EXPECT_EQ(give(reader, "", context).kind, Event::Kind::need_more);
  EXPECT_EQ(reader.held_bytes(), 0U);
}

TEST(MessageReader, GivesItsMemoryBackWhenARuleIsBroken) {
  const ReaderContext context{.max_message_size = 1 << 20U};
  MessageReader reader;
  give(reader, masked(Opcode::text, std::string(1000, 'a'), false), context);
  EXPECT_EQ(give(reader, masked(Opcode::text, "b"), context).kind, Event::Kind::failed);
  EXPECT_EQ(reader.held_bytes(), 0U);
}

TEST(MessageReader, CanBeMovedInTheMiddleOfAMessage) {
  const ReaderContext context{.max_message_size = 100};
  MessageReader first;
  give(first, masked(Opcode::text, "ab", false), context);
  MessageReader second(std::move(first));
  std::string rest = masked(Opcode::continuation, "cd");
  std::span<char> input(rest);
  const Event event = second.next(input, context);
  EXPECT_EQ(std::string(event.payload.begin(), event.payload.end()), "abcd");
}

}  // namespace
}  // namespace hearth::websocket::test
