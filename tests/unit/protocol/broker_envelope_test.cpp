#include "protocol/broker_envelope.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

namespace hearth::protocol {
namespace {

using Result = BrokerEnvelopeReader::Result;
using testing::ElementsAre;
using testing::IsEmpty;

std::string written(const BrokerEnvelope& envelope) {
  std::string text;
  append_broker_envelope(text, envelope);
  return text;
}

Result result_of(std::string_view text) {
  BrokerEnvelopeReader reader;
  return reader.read(text);
}

TEST(BrokerEnvelope, IsWrittenAsIgnisWritesIt) {
  EXPECT_EQ(written({.server_id = "s", .event = "e"}), R"({"serverId":"s","type":"broadcast","event":"e"})");
  EXPECT_EQ(written({.server_id = "s", .target = Target::user("u"), .event = "e", .data = "1"}),
            R"({"serverId":"s","type":"user","target":"u","event":"e","data":1})");
  EXPECT_EQ(written({.server_id = "s", .target = Target::client("c"), .event = "e", .data = "null"}),
            R"({"serverId":"s","type":"client","target":"c","event":"e","data":null})");
  const std::vector<std::string> exclude{"a", "b\""};
  EXPECT_EQ(written({.server_id = "s",
                     .target = Target::room("r\n"),
                     .event = "e\"",
                     .data = "{}",
                     .from = R"({"id":"x"})",
                     .exclude = exclude}),
            R"({"serverId":"s","type":"room","target":"r\n","event":"e\"","data":{},"exclude":["a","b\""],)"
            R"("from":{"id":"x"}})");
}

TEST(BrokerEnvelope, IsReadInAnyOrderAndWithKeysThatAreUnknown) {
  BrokerEnvelopeReader reader;
  ASSERT_EQ(reader.read(R"( {"data": [1, 2] ,"x":{},"event":"e\u0031","exclude":["a",1,"b"],"target":"r\n",)"
                        R"("type":"room","serverId":"s","from":{"id":"i"}} )"),
            Result::envelope);
  const BrokerEnvelope& envelope = reader.envelope();
  EXPECT_EQ(envelope.server_id, "s");
  EXPECT_EQ(envelope.target, Target::room("r\n"));
  EXPECT_EQ(envelope.event, "e1");
  EXPECT_EQ(envelope.data, "[1, 2]");
  EXPECT_EQ(envelope.from, R"({"id":"i"})");
  EXPECT_THAT(envelope.exclude, ElementsAre("a", "b"));
}

TEST(BrokerEnvelope, NothingOfTheLastOneIsLeft) {
  BrokerEnvelopeReader reader;
  reader.read(R"({"serverId":"s","type":"room","target":"r","event":"e","data":1,"exclude":["a"],"from":{}})");
  ASSERT_EQ(reader.read(R"({"serverId":"s","type":"broadcast","event":"e"})"), Result::envelope);
  EXPECT_EQ(reader.envelope().data, "");
  EXPECT_EQ(reader.envelope().from, "");
  EXPECT_THAT(reader.envelope().exclude, IsEmpty());
}

TEST(ControlEnvelope, HasItsSenderInFront) {
  EXPECT_EQ(control_envelope("s\"", R"({"op":"x"})"), R"({"serverId":"s\"","type":"control","op":"x"})");
  EXPECT_EQ(control_envelope("s", " \n{ \"n\" : 1, \"op\":\"x\" } "),
            "{\"serverId\":\"s\",\"type\":\"control\", \"n\" : 1, \"op\":\"x\" } ");
}

TEST(ControlEnvelope, IsReadWhateverTheOrder) {
  const std::string text = R"( {"op":"a\u0062","n":{"op":"no"},"type":"contro\u006c","serverId":"s\u0031"} )";
  ControlEnvelopeReader reader;
  ASSERT_TRUE(reader.read(text));
  EXPECT_EQ(reader.envelope().server_id, "s1");
  EXPECT_EQ(reader.envelope().op, "ab");
  EXPECT_EQ(reader.envelope().message, text);
}

TEST(ControlEnvelope, OfARepeatedMemberTheLastCounts) {
  EXPECT_EQ(control_envelope("s", R"({"op":"x","op":1})"), "");
  ControlEnvelopeReader reader;
  ASSERT_TRUE(reader.read(R"({"serverId":1,"type":"control","op":"x","op":"y","serverId":"s"})"));
  EXPECT_EQ(reader.envelope().op, "y");
  EXPECT_EQ(reader.envelope().server_id, "s");
}

TEST(BrokerEnvelope, WhatIsBrokenIsMalformed) {
  for (const std::string_view text :
       {"", " ", "x", "null", "[]", "1", "\"s\"", "{}", R"({"serverId":"s"})", R"({"event":"e"})",
        R"({"serverId":1,"event":"e","type":"broadcast"})", R"({"serverId":"s","event":null,"type":"broadcast"})",
        R"({"serverId":"s","event":"e","type":"broadcast"} x)", R"({"serverId":"s","event":"e","type":"broadcast")",
        R"({"serverId":"s","event":"","type":"broadcast"})",
        "{\"serverId\":\"s\",\"event\":\"\xff\",\"type\":\"broadcast\"}"}) {
    EXPECT_EQ(result_of(text), Result::malformed) << text;
  }
}

TEST(BrokerEnvelope, WhatIsForNobodyIsIgnored) {
  for (const std::string_view text :
       {R"({"serverId":"s","event":"e"})", R"({"serverId":"s","event":"e","type":"herd"})",
        R"({"serverId":"s","event":"e","type":3})", R"({"serverId":"s","event":"e","type":"room"})",
        R"({"serverId":"s","event":"e","type":"room","target":""})",
        R"({"serverId":"s","event":"e","type":"user","target":5})",
        R"({"serverId":"s","event":"e","type":"client","target":null})"}) {
    EXPECT_EQ(result_of(text), Result::ignored) << text;
  }
}

TEST(BrokerEnvelope, OfARepeatedKeyTheLastCounts) {
  BrokerEnvelopeReader reader;
  ASSERT_EQ(reader.read(R"({"serverId":"a","event":"e","type":"user","target":"u","type":"broadcast","serverId":"b"})"),
            Result::envelope);
  EXPECT_EQ(reader.envelope().server_id, "b");
  EXPECT_EQ(reader.envelope().target, Target::everybody());
}

TEST(BrokerEnvelope, NoPrefixOfOneIsOne) {
  const std::string whole =
      R"({"serverId":"s","type":"room","target":"r","event":"e","data":{"a":[1]},"exclude":["x"]})";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(result_of(std::string(whole, 0, size)), Result::malformed) << size;
  }
  EXPECT_EQ(result_of(whole), Result::envelope);
}

TEST(BrokerChannel, HasTheNamesOfIgnis) {
  EXPECT_EQ(channel_of(Target::everybody()), "ws:broadcast");
  EXPECT_EQ(channel_of(Target::room("r")), "ws:room:r");
  EXPECT_EQ(channel_of(Target::client("c")), "ws:client:c");
  EXPECT_EQ(channel_of(Target::user("a:b")), "ws:user:a:b");
}

TEST(BrokerEnvelope, OfALogHasAPlace) {
  BrokerEnvelopeReader reader;
  ASSERT_EQ(reader.read(R"({"serverId":"s","type":"room","target":"r","event":"e","key":"k\u0041",)"
                        R"("time":1700000000123,"epoch":"k3fZ81Qa","offset":42})"),
            Result::envelope);
  EXPECT_EQ(reader.envelope().position, (Position{*Epoch::parse("k3fZ81Qa"), 42}));
  EXPECT_EQ(reader.envelope().key, "kA");
  EXPECT_EQ(reader.envelope().time_ms, 1'700'000'000'123);
  EXPECT_EQ(written({.server_id = "s", .target = Target::room("r"), .event = "e", .key = "k"}),
            R"({"serverId":"s","type":"room","target":"r","event":"e","key":"k"})");
}

TEST(BrokerEnvelope, WithoutAWholePlaceHasNone) {
  for (const std::string_view place :
       {R"("epoch":"k3fZ81Qa")", R"("offset":1)", R"("epoch":"k3fZ81Qa","offset":-1)",
        R"("epoch":"k3fZ81Qa","offset":1.5)", R"("epoch":"k3fZ81Qa","offset":"1")", R"("epoch":"short","offset":1)",
        R"("epoch":7,"offset":1)", R"("epoch":"k3fZ81Qa","offset":9007199254740992)", R"("epoch":"","offset":1)"}) {
    BrokerEnvelopeReader reader;
    const std::string text = R"({"serverId":"s","type":"room","target":"r","event":"e",)" + std::string(place) + '}';
    ASSERT_EQ(reader.read(text), Result::envelope);
    EXPECT_EQ(reader.envelope().position.offset, 0U) << place;
  }
  BrokerEnvelopeReader reader;
  ASSERT_EQ(reader.read(R"({"serverId":"s","type":"user","target":"u","event":"e","epoch":"k3fZ81Qa","offset":1})"),
            Result::envelope);
  EXPECT_EQ(reader.envelope().position.offset, 0U) << "rooms alone have logs";
}

}  // namespace
}  // namespace hearth::protocol
