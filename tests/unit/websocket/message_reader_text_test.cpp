#include "unit/websocket/reading.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket::test {
namespace {

using Events = std::vector<Seen>;

constexpr std::string_view kGreek = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
constexpr std::string_view kFourBytes = "\xf0\x9f\x94\xa5";

/// What a reader says to the beginning of a message of which more is announced.
Event::Kind kind_after(std::string_view frame, std::size_t arrived) {
  std::string bytes(frame.substr(0, arrived));
  std::span<char> input(bytes);
  MessageReader reader;
  return reader.next(input, {.max_message_size = 1000}).kind;
}

TEST(MessageReaderText, ReadsCharactersOfEveryLength) {
  const std::string all = "a" + std::string(kGreek) + std::string(kFourBytes) + "z";
  EXPECT_EQ(read(masked(Opcode::text, all)), Events{text(all)});
}

TEST(MessageReaderText, ReadsLongTextWithFewCharactersOutsideASCII) {
  for (const std::size_t before : {0, 1, 7, 8, 31, 63, 64, 100}) {
    const std::string mixed = std::string(before, 'a') + std::string(kFourBytes) + std::string(100, 'b');
    EXPECT_EQ(read(masked(Opcode::text, mixed)), Events{text(mixed)});
  }
}

TEST(MessageReaderText, CharactersMayBeCutBetweenFragments) {
  const std::string all = std::string(kGreek) + std::string(kFourBytes);
  for (std::size_t first = 0; first <= all.size(); ++first) {
    for (std::size_t second = first; second <= all.size(); ++second) {
      const std::string bytes = masked(Opcode::text, all.substr(0, first), false) +
                                masked(Opcode::continuation, all.substr(first, second - first), false) +
                                masked(Opcode::ping, "") + masked(Opcode::continuation, all.substr(second));
      EXPECT_EQ(read(bytes), (Events{ping(""), text(all)}));
    }
  }
}

TEST(MessageReaderText, InvalidTextIsRefusedWholeAndInFragments) {
  for (const std::string_view bad :
       {"\x80", "\xff", "\xfe", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82", "\xe2(\xa1",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x94", "\xf0\x9f(\xa5", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"}) {
    const std::string payload = "abc" + std::string(bad);
    EXPECT_EQ(read(masked(Opcode::text, payload)), Events{failed(Error::invalid_utf8)});
    for (std::size_t cut = 0; cut <= payload.size(); ++cut) {
      EXPECT_EQ(
          read(masked(Opcode::text, payload.substr(0, cut), false) + masked(Opcode::continuation, payload.substr(cut))),
          Events{failed(Error::invalid_utf8)});
    }
  }
}

TEST(MessageReaderText, ACharacterCannotGoOnInTheNextMessage) {
  EXPECT_EQ(read(masked(Opcode::text, "\xc3") + masked(Opcode::text, "\xa9")), Events{failed(Error::invalid_utf8)});
  EXPECT_EQ(read(masked(Opcode::text, "", false) + masked(Opcode::continuation, "\xc3") + masked(Opcode::text, "\xa9")),
            Events{failed(Error::invalid_utf8)});
}

TEST(MessageReaderText, FailsAtTheFirstImpossibleByteOfAFrameThatHasNotArrived) {
  constexpr std::size_t kHeader = 6;
  const std::string frame = masked(Opcode::text, "ab\xf4\x90\x80\x80" + std::string(50, 'x'));
  EXPECT_EQ(kind_after(frame, kHeader + 3), Event::Kind::need_more);
  EXPECT_EQ(kind_after(frame, kHeader + 4), Event::Kind::failed);
}

TEST(MessageReaderText, FailsAtTheFirstImpossibleByteOfAMessageThatHasNotArrived) {
  const std::string bytes = masked(Opcode::text, "ab\xed", false) + masked(Opcode::continuation, "\xa0\x80 and more");
  EXPECT_EQ(kind_after(bytes, 9 + 6), Event::Kind::need_more);
  EXPECT_EQ(kind_after(bytes, 9 + 6 + 1), Event::Kind::failed);
}

TEST(MessageReaderText, BinaryMessagesHoldAnyBytes) {
  const std::string bytes = "\xff\xfe\x80" + std::string(kFourBytes.substr(0, 2));
  EXPECT_EQ(
      read(masked(Opcode::binary, bytes) + masked(Opcode::binary, bytes, false) + masked(Opcode::continuation, bytes)),
      (Events{binary(bytes), binary(bytes + bytes)}));
}

TEST(MessageReaderText, AClientChecksWhatTheServerSends) {
  EXPECT_EQ(read(unmasked(Opcode::text, kGreek) + unmasked(Opcode::text, "a\xff"), {.role = Role::client}),
            (Events{text(kGreek), failed(Error::invalid_utf8)}));
}

}  // namespace
}  // namespace hearth::websocket::test
