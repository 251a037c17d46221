#include "unit/protocol/json_oracle.hpp"

#include "protocol/json.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

namespace hearth::protocol {
namespace {

constexpr int kDocuments = 20'000;
constexpr std::size_t kGeneratedDepth = 6;

/// Makes documents that are valid, and breaks them.
class Generator {
 public:
  std::string document() {
    std::string text = space();
    append_value(text, 0);
    return text + space();
  }

  /// A byte changed, left out, doubled or put in.
  std::string broken(std::string text) {
    constexpr std::string_view kBytes = "{}[]\",:\\/0123456789.eE+-tfnurbx \n\t\x01\x7f";
    const std::size_t at = below(text.size());
    const char byte = kBytes[below(kBytes.size())];
    switch (below(4)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, text[at]);
        break;
      default:
        text.insert(at, 1, byte);
    }
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  template <std::size_t N>
  std::string_view one_of(const std::array<std::string_view, N>& choices) {
    return choices[below(N)];
  }

  std::string space() {
    constexpr std::array<std::string_view, 8> kSpaces{"", "", "", "", "", " ", "\r\n", "\t "};
    return std::string(one_of(kSpaces));
  }

  void append_value(std::string& text, std::size_t depth) {
    const std::size_t kind = below(depth < kGeneratedDepth ? 8 : 4);
    if (kind >= 6) {
      append_list(text, depth, true);
    } else if (kind >= 4) {
      append_list(text, depth, false);
    } else if (kind >= 2) {
      append_string(text);
    } else {
      append_scalar(text);
    }
  }

  void append_list(std::string& text, std::size_t depth, bool object) {
    text += object ? '{' : '[';
    const std::size_t count = below(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) text += ',';
      text += space();
      if (object) {
        append_string(text);
        text += space() + ':' + space();
      }
      append_value(text, depth + 1);
      text += space();
    }
    if (count == 0) text += space();
    text += object ? '}' : ']';
  }

  void append_string(std::string& text) {
    constexpr std::array<std::string_view, 14> kParts{"a",
                                                      "event",
                                                      "a text that is longer than a block",
                                                      R"(\n)",
                                                      R"(\")",
                                                      R"(\\)",
                                                      R"(\/)",
                                                      R"(\u00e9)",
                                                      "é",
                                                      R"(\ud83d\ude00)",
                                                      "😀",
                                                      R"(\ud800)",
                                                      R"(\uDFFF)",
                                                      R"(\u0000)"};
    text += '"';
    for (std::size_t i = below(5); i > 0; --i) text += one_of(kParts);
    text += '"';
  }

  void append_scalar(std::string& text) {
    constexpr std::array<std::string_view, 14> kScalars{"true",
                                                        "false",
                                                        "null",
                                                        "0",
                                                        "-0",
                                                        "1",
                                                        "-12.5",
                                                        "1e5",
                                                        "2E-7",
                                                        "1e999",
                                                        "0.1",
                                                        "18446744073709551616",
                                                        "-9223372036854775809",
                                                        "1.00000000000000000000001"};
    text += one_of(kScalars);
  }

  std::mt19937 random_{20260102};
};

bool boost_takes(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::json::error_code error;
  boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, options);
  return !error;
}

/// Puts a document together again from what the cursors give.
void append_walked(std::string& out, std::string_view value) {
  if (is_object(value)) {
    out += '{';
    for (ObjectCursor at(value); at.next();) {
      if (out.back() != '{') out += ',';
      out += at.key();
      out += ':';
      append_walked(out, at.value());
    }
    out += '}';
  } else if (is_array(value)) {
    out += '[';
    for (ArrayCursor at(value); at.next();) {
      if (out.back() != '[') out += ',';
      append_walked(out, at.value());
    }
    out += ']';
  } else {
    out += value;
  }
}

TEST(JsonOracle, AgreesAboutDocumentsThatAreValid) {
  Generator generator;
  for (int i = 0; i < kDocuments; ++i) {
    const std::string text = generator.document();
    ASSERT_TRUE(is_valid_json(text)) << text;
    ASSERT_TRUE(test::JsonOracle(text).is_json()) << text;
  }
}

TEST(JsonOracle, AgreesAboutDocumentsThatWereBroken) {
  Generator generator;
  int refused = 0;
  for (int i = 0; i < kDocuments; ++i) {
    const std::string text = generator.broken(generator.document());
    const bool valid = is_valid_json(text);
    const test::JsonOracle oracle(text);
    // A byte taken from a character leaves invalid UTF-8, of which is_valid_json knows nothing.
    if (!simdjson::validate_utf8(text)) continue;
    ASSERT_EQ(valid, oracle.is_json()) << text;
    refused += valid ? 0 : 1;
  }
  EXPECT_GT(refused, kDocuments / 4);
}

TEST(JsonOracle, BoostTakesNothingThatIsRefused) {
  Generator generator;
  int taken = 0;
  for (int i = 0; i < kDocuments; ++i) {
    const std::string text = generator.broken(generator.document());
    if (!boost_takes(text)) continue;
    ASSERT_TRUE(is_valid_json(text)) << text;
    ++taken;
  }
  EXPECT_GT(taken, kDocuments / 10);
}

TEST(JsonOracle, CursorsGiveBackTheWholeDocument) {
  Generator generator;
  for (int i = 0; i < kDocuments; ++i) {
    const std::string text = generator.document();
    std::string expected(text.size() + 64, '\0');
    std::size_t size = 0;
    ASSERT_EQ(simdjson::minify(text.data(), text.size(), expected.data(), size), simdjson::SUCCESS) << text;
    expected.resize(size);
    std::string walked;
    append_walked(walked, std::string_view(text).substr(text.find_first_not_of(" \t\r\n")));
    // A document that is no list ends with its white space.
    walked.erase(walked.find_last_not_of(" \t\r\n") + 1);
    ASSERT_EQ(walked, expected) << text;
  }
}

}  // namespace
}  // namespace hearth::protocol
