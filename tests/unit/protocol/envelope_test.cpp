#include "protocol/envelope.hpp"

#include "protocol/json.hpp"
#include "unit/protocol/guarded_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hearth::protocol {
namespace {

using namespace std::string_view_literals;
using Result = EnvelopeReader::Result;

/// What was read, out of the text's lifetime.
struct Read {
  Result result;
  std::string event;
  std::string data;
  std::string id;
  std::string id_json;

  bool operator==(const Read&) const = default;
};

void PrintTo(const Read& read, std::ostream* out) {
  *out << static_cast<int>(read.result) << " event <" << read.event << "> data <" << read.data << "> id <" << read.id
       << "> id_json <" << read.id_json << ">";
}

Read read(std::string_view text) {
  const test::GuardedText guarded(text);
  EnvelopeReader reader;
  const Result result = reader.read(guarded.text());
  const Envelope& envelope = reader.envelope();
  return {result, std::string(envelope.event), std::string(envelope.data), std::string(envelope.id),
          std::string(envelope.id_json)};
}

Read envelope(std::string_view event, std::string_view data = {}, std::string_view id = {},
              std::string_view id_json = {}) {
  return {Result::envelope, std::string(event), std::string(data), std::string(id), std::string(id_json)};
}

const Read kNotJson{Result::not_json, {}, {}, {}, {}};
const Read kNotEnvelope{Result::not_envelope, {}, {}, {}, {}};

TEST(EnvelopeReader, ReadsAnEventAlone) { EXPECT_EQ(read(R"({"event":"heartbeat"})"), envelope("heartbeat")); }

TEST(EnvelopeReader, ReadsEventDataAndId) {
  EXPECT_EQ(read(R"({"event":"echo","data":{"x":1},"id":"7"})"), envelope("echo", R"({"x":1})", "7", R"("7")"));
}

TEST(EnvelopeReader, ReadsKeysInAnyOrderAndIgnoresUnknownOnes) {
  EXPECT_EQ(read(R"({"v":2,"id":"7","data":[1],"event":"echo","":{},"Event":1,"dat":0,"events":"x"})"),
            envelope("echo", "[1]", "7", R"("7")"));
}

TEST(EnvelopeReader, GivesDataAsTheBytesThatCame) {
  for (const std::string_view data :
       {"null", "true", "0", "-1.50e+03", "123456789012345678901234567890", "1e999", R"("x\u0041\/")", R"("\ud800")",
        "[ 1 ,\t2 ]", R"({ "b":1, "a":2, "a":3 })", "[]", "{}", R"("")", R"("żółw")"}) {
    EXPECT_EQ(read(R"({"event":"e","data":)" + std::string(data) + "}"), envelope("e", data));
    EXPECT_EQ(read(R"({"data": )" + std::string(data) + "\n,\"event\":\"e\"}"), envelope("e", data));
  }
}

TEST(EnvelopeReader, IgnoresWhiteSpaceBetweenTokens) {
  EXPECT_EQ(read(" {\n\t\"event\" : \"e\" ,\r\n \"data\" : [ 1 ] , \"id\" : \"i\" } \n"),
            envelope("e", "[ 1 ]", "i", R"("i")"));
}

TEST(EnvelopeReader, UnescapesEventAndId) {
  EXPECT_EQ(read(R"({"event":"\u0065cho\n","id":"\"\ud83d\ude00"})"),
            envelope("echo\n", "", "\"😀", R"("\"\ud83d\ude00")"));
  EXPECT_EQ(read(R"({"event":"\u0000"})"), envelope("\0"sv));
  EXPECT_EQ(read(R"({"event":"\ud800"})"), envelope("\xef\xbf\xbd"));
}

TEST(EnvelopeReader, KeepsEventAndIdApartWhenBothAreEscaped) {
  EnvelopeReader reader;
  ASSERT_EQ(reader.read(R"({"event":"a\tb","id":"c\td"})"), Result::envelope);
  EXPECT_EQ(reader.envelope().event, "a\tb");
  EXPECT_EQ(reader.envelope().id, "c\td");
}

TEST(EnvelopeReader, ComparesKeysByTheirMeaning) {
  EXPECT_EQ(read(R"({"\u0065vent":"e","dat\u0061":1,"\u0069\u0064":"i"})"), envelope("e", "1", "i", R"("i")"));
  EXPECT_EQ(read(R"({"event":"e","\u0065vent\u0000":5,"\/":6})"), envelope("e"));
}

TEST(EnvelopeReader, TakesTheLastOfRepeatedKeys) {
  EXPECT_EQ(read(R"({"event":"a","event":"b"})"), envelope("b"));
  EXPECT_EQ(read(R"({"event":5,"event":"a"})"), envelope("a"));
  EXPECT_EQ(read(R"({"event":"a","event":5})"), kNotEnvelope);
  EXPECT_EQ(read(R"({"event":"a","event":null})"), kNotEnvelope);
  EXPECT_EQ(read(R"({"event":"a","\u0065vent":"b"})"), envelope("b"));
  EXPECT_EQ(read(R"({"event":"a","data":1,"data":2})"), envelope("a", "2"));
  EXPECT_EQ(read(R"({"event":"a","id":"x","id":5})"), envelope("a"));
  EXPECT_EQ(read(R"({"event":"a","id":5,"id":"x"})"), envelope("a", "", "x", R"("x")"));
}

TEST(EnvelopeReader, TakesAnIdThatIsNoStringAsMissing) {
  for (const std::string_view id : {"null", "5", "true", "[]", "{}", R"(["7"])"}) {
    EXPECT_EQ(read(R"({"event":"e","id":)" + std::string(id) + "}"), envelope("e")) << id;
  }
}

TEST(EnvelopeReader, TellsAnEmptyIdFromAMissingOne) {
  EXPECT_EQ(read(R"({"event":"e","id":""})"), envelope("e", "", "", R"("")"));
}

TEST(EnvelopeReader, FindsNoEnvelopeWithoutAnEventThatIsAStringAndNotEmpty) {
  for (const std::string_view text :
       {R"({})", R"({"data":1})", R"({"event":""})", R"({"event":null})", R"({"event":5})", R"({"event":true})",
        R"({"event":["e"]})", R"({"event":{"event":"e"}})", R"({"Event":"e"})", R"({"x":{"event":"e"}})"}) {
    EXPECT_EQ(read(text), kNotEnvelope) << text;
  }
}

TEST(EnvelopeReader, FindsNoEnvelopeInJsonThatIsNoObject) {
  for (const std::string_view text :
       {"null", "true", "false", "0", "-1.5e3", R"("event")", "[]", R"([{"event":"e"}])", " null ", R"("żółw")"}) {
    EXPECT_EQ(read(text), kNotEnvelope) << text;
  }
}

TEST(EnvelopeReader, RefusesWhatIsNoJson) {
  const std::vector<std::string_view> texts{"",
                                            " ",
                                            "x",
                                            "{",
                                            "}",
                                            "[",
                                            "nul",
                                            "{event:\"e\"}",
                                            R"({'event':'e'})",
                                            R"({"event":"e",})",
                                            R"({"event":"e"}x)",
                                            R"({"event":"e"}{"event":"e"})",
                                            R"({,"event":"e"})",
                                            R"({"event" "e"})",
                                            R"({"event":"e" "data":1})",
                                            R"({"event":"e","data":})",
                                            R"({"event":"e","data":01})",
                                            R"({"event":"e","data":[1,]})",
                                            R"({"event":"e"]})",
                                            R"({"event":"e","data":{]})",
                                            R"({"event":"e","data"})",
                                            R"({"event":"e","x":"\q"})",
                                            R"({"\q":1,"event":"e"})",
                                            R"({5:1,"event":"e"})",
                                            "\xef\xbb\xbf{\"event\":\"e\"}",
                                            "{\"event\":\"e\n\"}",
                                            "{\"event\":\"e\"}\0"sv};
  for (const std::string_view text : texts) {
    EXPECT_EQ(read(text), kNotJson) << text;
  }
}

TEST(EnvelopeReader, RefusesAMessageCutOffAnywhere) {
  constexpr std::string_view kText =
      R"({"event":"ec\u0068o","data":{"x":[1,2.5,"żółw",null]},"id":"a longer id than 16"})";
  ASSERT_EQ(read(kText).result, Result::envelope);
  for (std::size_t size = 0; size < kText.size(); ++size) {
    EXPECT_EQ(read(kText.substr(0, size)), kNotJson) << kText.substr(0, size);
  }
}

TEST(EnvelopeReader, RefusesInvalidUtf8WhereverItStands) {
  const std::vector<std::string_view> invalid{
      "\xff", "\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xe2\x82"};
  for (const std::string_view bytes : invalid) {
    const std::string string = '"' + std::string(bytes) + '"';
    EXPECT_EQ(read(R"({"event":)" + string + "}"), kNotJson);
    EXPECT_EQ(read(R"({"event":"e","data":)" + string + "}"), kNotJson);
    EXPECT_EQ(read(R"({"event":"e","data":["x\n", )" + string + "]}"), kNotJson);
    EXPECT_EQ(read(R"({"event":"e",)" + string + ":1}"), kNotJson);
    EXPECT_EQ(read(R"({"event":"e","id":)" + string + "}"), kNotJson);
    EXPECT_EQ(read(R"({"data":)" + string + R"(,"event":"e","id":"a string behind it"})"), kNotJson);
    EXPECT_EQ(read(R"({"event":"e"})" + std::string(bytes)), kNotJson);
    EXPECT_EQ(read(string), kNotJson);
    EXPECT_EQ(read(R"({"event":"e","data":"a text longer than one block )" + std::string(bytes) + " and more\"}"),
              kNotJson);
  }
}

TEST(EnvelopeReader, RefusesInvalidUtf8AtEveryDistanceFromBothEndsOfAString) {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      EXPECT_EQ(read('"' + text + '"'), kNotEnvelope) << length;
      text[at] = '\xff';
      EXPECT_EQ(read('"' + text + '"'), kNotJson) << length << " at " << at;
    }
  }
}

TEST(EnvelopeReader, CountsTheEnvelopeItselfAsALevelOfNesting) {
  const auto with_depth = [](std::size_t depth) {
    return R"({"event":"e","data":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(read(with_depth(kMaxJsonDepth - 1)).result, Result::envelope);
  EXPECT_EQ(read(with_depth(kMaxJsonDepth)), kNotJson);
}

TEST(EnvelopeReader, ForgetsTheMessageBefore) {
  EnvelopeReader reader;
  ASSERT_EQ(reader.read(R"({"event":"e","data":1,"id":"i"})"), Result::envelope);
  ASSERT_EQ(reader.read(R"({"event":"f"})"), Result::envelope);
  EXPECT_EQ(reader.envelope().event, "f");
  EXPECT_TRUE(reader.envelope().data.empty());
  EXPECT_TRUE(reader.envelope().id_json.empty());
  ASSERT_EQ(reader.read("null"), Result::not_envelope);
  EXPECT_TRUE(reader.envelope().event.empty());
}

TEST(EnvelopeReader, PointsIntoTheMessage) {
  constexpr std::string_view kText = R"({"event":"e","data":[1],"id":"i"})";
  EnvelopeReader reader;
  ASSERT_EQ(reader.read(kText), Result::envelope);
  EXPECT_EQ(reader.envelope().event.data(), kText.data() + kText.find("\"e\"") + 1);
  EXPECT_EQ(reader.envelope().data.data(), kText.data() + kText.find('['));
  EXPECT_EQ(reader.envelope().id_json.data(), kText.data() + kText.find("\"i\""));
}

std::string joined(const EnvelopeText& text) {
  std::string whole;
  for (const std::string_view piece : text.pieces()) whole += piece;
  return whole;
}

TEST(EnvelopeText, WritesTheKeysThatThereIsSomethingFor) {
  EXPECT_EQ(EnvelopeText("e", "").str(), R"({"event":"e"})");
  EXPECT_EQ(EnvelopeText("e", "[1]").str(), R"({"event":"e","data":[1]})");
  EXPECT_EQ(EnvelopeText("e", "null", R"("7")").str(), R"({"event":"e","data":null,"id":"7"})");
  EXPECT_EQ(EnvelopeText("e", "", R"("7")").str(), R"({"event":"e","id":"7"})");
}

TEST(EnvelopeText, EscapesTheEvent) {
  EXPECT_EQ(EnvelopeText("a\"\n\\", "1").str(), R"({"event":"a\"\n\\","data":1})");
  EXPECT_EQ(EnvelopeText("żółw", "1").str(), R"({"event":"żółw","data":1})");
  EXPECT_EQ(EnvelopeText("\xff", "1").str(), "{\"event\":\"\xef\xbf\xbd\",\"data\":1}");
}

TEST(EnvelopeText, GivesTheSameInPiecesAndItsSize) {
  for (const std::string_view event :
       {"e", "a long event name, past any small buffer", "with \"quotes\" and \t tabs"}) {
    for (const std::string_view data : {"", "{}", R"(["a long value, past any small buffer"])"}) {
      for (const std::string_view id : {"", R"("7")"}) {
        const EnvelopeText text(event, data, id);
        EXPECT_EQ(joined(text), text.str());
        EXPECT_EQ(text.size(), text.str().size());
      }
    }
  }
}

TEST(EnvelopeText, CopiesNeitherDataNorAnEventWithoutEscapes) {
  constexpr std::string_view kEvent = "event";
  constexpr std::string_view kData = "[1,2,3]";
  const EnvelopeText text(kEvent, kData);
  bool event_found = false;
  bool data_found = false;
  for (const std::string_view piece : text.pieces()) {
    event_found = event_found || piece.data() == kEvent.data();
    data_found = data_found || piece.data() == kData.data();
  }
  EXPECT_TRUE(event_found);
  EXPECT_TRUE(data_found);
}

TEST(EnvelopeText, IsReadBackAsItWasMeant) {
  EnvelopeReader reader;
  ASSERT_EQ(reader.read(EnvelopeText("a\"b\n", R"({"x":1})", R"("i\n")").str()), Result::envelope);
  EXPECT_EQ(reader.envelope().event, "a\"b\n");
}

}  // namespace
}  // namespace hearth::protocol
