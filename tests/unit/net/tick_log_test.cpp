#include "net/tick_log.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace hearth::net {
namespace {

using websocket::Opcode;

Segment append(TickLog& log, std::string_view payload) { return log.append_frame(Opcode::text, {&payload, 1}); }

std::string contents(const TickLog& log, const SegmentList& list, std::size_t* count = nullptr) {
  std::array<std::string_view, 2> room;
  std::string text;
  std::size_t pieces = 0;
  for (std::uint32_t next = list.first; next != SegmentList::kNone;) {
    const auto [found, size] = log.gather(next, room);
    const std::size_t before = text.size();
    pieces += found;
    for (std::size_t i = 0; i < found; ++i) text += room[i];
    EXPECT_EQ(size, text.size() - before);
  }
  if (count != nullptr) *count = pieces;
  return text;
}

TEST(TickLog, EncodesTheFrameOfSeveralPieces) {
  TickLog log;
  const std::array<std::string_view, 3> pieces{"ab", "", "cde"};
  const Segment segment = log.append_frame(Opcode::text, pieces);
  EXPECT_EQ(log.bytes(segment), std::string_view("\x81\x05"
                                                 "abcde"));
}

TEST(TickLog, MergesNeighbouringSegmentsOfOneList) {
  TickLog log;
  SegmentList list;
  log.add(list, append(log, "one"));
  log.add(list, append(log, "two"));
  std::size_t pieces = 0;
  EXPECT_EQ(contents(log, list, &pieces), "\x81\x03one\x81\x03two");
  EXPECT_EQ(pieces, 1U);
  EXPECT_EQ(log.entries(), 1U);
}

TEST(TickLog, KeepsTheOrderOfSegmentsThatAreNoNeighbours) {
  TickLog log;
  SegmentList first;
  SegmentList second;
  const Segment a = append(log, "a");
  const Segment b = append(log, "b");
  const Segment c = append(log, "c");
  const Segment d = append(log, "d");
  for (const Segment segment : {a, c, d}) log.add(first, segment);
  for (const Segment segment : {d, b, a}) log.add(second, segment);
  EXPECT_EQ(contents(log, first),
            "\x81\x01"
            "a\x81\x01"
            "c\x81\x01"
            "d");
  std::size_t pieces = 0;
  EXPECT_EQ(contents(log, second, &pieces),
            "\x81\x01"
            "d\x81\x01"
            "b\x81\x01"
            "a");
  EXPECT_EQ(pieces, 3U);
}

TEST(TickLog, SegmentsStayWhereTheyAreWhileTheLogGrows) {
  TickLog log;
  SegmentList list;
  log.add(list, append(log, "early"));
  const std::string big(std::size_t{3} * 1024 * 1024, 'x');
  append(log, big);
  EXPECT_EQ(contents(log, list),
            "\x81\x05"
            "early");
}

TEST(TickLog, IsEmptyAfterClear) {
  TickLog log;
  SegmentList list;
  log.add(list, append(log, "gone"));
  log.clear();
  EXPECT_EQ(log.size(), 0U);
  EXPECT_EQ(log.entries(), 0U);
  list = {};
  log.add(list, append(log, "new"));
  EXPECT_EQ(contents(log, list), "\x81\x03new");
}

}  // namespace
}  // namespace hearth::net
