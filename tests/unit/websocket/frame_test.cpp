#include "websocket/frame.hpp"
#include "websocket/close_code.hpp"
#include "websocket/utf8.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket {
namespace {

std::string header(Opcode opcode, std::uint64_t length, bool compressed = false) {
  std::array<char, kMaxHeaderLength> out{};
  const std::size_t size = write_header(out, opcode, length, compressed);
  return {out.data(), size};
}

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) {
    result += static_cast<char>(value);
  }
  return result;
}

TEST(FrameHeaderWriter, WritesEachLengthInTheFewestBytes) {
  EXPECT_EQ(header(Opcode::text, 0), bytes({0x81, 0}));
  EXPECT_EQ(header(Opcode::text, 125), bytes({0x81, 125}));
  EXPECT_EQ(header(Opcode::text, 126), bytes({0x81, 126, 0, 126}));
  EXPECT_EQ(header(Opcode::binary, 0xffff), bytes({0x82, 126, 0xff, 0xff}));
  EXPECT_EQ(header(Opcode::binary, 0x10000), bytes({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(header(Opcode::binary, 0x0123456789abcdef),
            bytes({0x82, 127, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}));
}

TEST(FrameHeaderWriter, SetsRSV1WhenCompressed) { EXPECT_EQ(header(Opcode::text, 1, true), bytes({0xc1, 1})); }

TEST(FrameHeaderWriterDeathTest, WritesNoControlFrameThatIsTooLong) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EQ(header(Opcode::close, kMaxControlPayload), bytes({0x88, 125}));
  EXPECT_EXIT(header(Opcode::close, kMaxControlPayload + 1), testing::KilledBySignal(SIGABRT), "websocket/frame.cpp");
}

TEST(Frame, IsItsHeaderAndItsPayload) {
  std::string out = "before";
  append_frame(out, Opcode::ping, "Hello");
  EXPECT_EQ(out, "before" + bytes({0x89, 5}) + "Hello");
}

TEST(MaskedFrame, IsTheExampleOfRFC6455) {
  std::string out;
  append_masked_frame(out, Opcode::text, "Hello", {'\x37', '\xfa', '\x21', '\x3d'});
  EXPECT_EQ(out, bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
}

TEST(MaskedFrame, MayBeAFragmentAndCompressed) {
  std::string out;
  append_masked_frame(out, Opcode::binary, "", {}, true, false);
  append_masked_frame(out, Opcode::continuation, "", {});
  EXPECT_EQ(out, bytes({0x42, 0x80, 0, 0, 0, 0, 0x80, 0x80, 0, 0, 0, 0}));
}

TEST(ClosePayload, IsTheCodeInNetworkOrderAndTheReason) {
  EXPECT_EQ(close_payload(1000, ""), bytes({0x03, 0xe8}));
  EXPECT_EQ(close_payload(4999, "bye"), bytes({0x13, 0x87}) + "bye");
}

TEST(ClosePayload, IsEmptyForNoStatus) { EXPECT_EQ(close_payload(close_code::kNoStatus, "unsaid"), ""); }

TEST(ClosePayload, CutsTheReasonAtTheEndOfACharacter) {
  EXPECT_EQ(close_payload(1000, std::string(200, 'r')).size(), kMaxControlPayload);
  for (std::size_t before = 115; before <= 123; ++before) {
    const std::string reason = std::string(before, 'r') + "\xf0\x9f\x94\xa5" + "end";
    const std::string payload = close_payload(1000, reason);
    EXPECT_LE(payload.size(), kMaxControlPayload);
    EXPECT_GT(payload.size(), kMaxControlPayload - 4);
    EXPECT_TRUE(is_valid_utf8(payload.substr(2)));
  }
}

TEST(CloseCode, MayBeSentWhenTheRegistrySaysSo) {
  for (unsigned code = 0; code <= 0xffff; ++code) {
    const bool defined = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006);
    EXPECT_EQ(may_be_sent(static_cast<std::uint16_t>(code)), defined || (code >= 3000 && code <= 4999)) << code;
  }
}

}  // namespace
}  // namespace hearth::websocket
