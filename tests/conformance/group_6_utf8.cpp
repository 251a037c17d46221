// Autobahn 6: UTF-8, after Markus Kuhn's stress test for decoders.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

constexpr std::string_view kUtf8 = "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!";
constexpr std::string_view kGood = "cebae1bdb9cf83cebcceb5";  // a word
constexpr std::string_view kSurrogate = "eda080";
constexpr std::string_view kPastTheEnd = "f4908080";

Script valid(std::string_view bytes) { return Script().echoes(Opcode::text, bytes).closes(); }

Script invalid(std::string_view bytes) { return Script().sends(frame(Opcode::text, bytes)).fails(1007); }

Script in_fragments(std::string_view bytes, std::size_t size) {
  return Script().sends(fragmented(Opcode::text, bytes, size)).sees(message(Opcode::text, bytes)).closes();
}

Script empty_fragments(std::string_view between) {
  return Script()
      .sends(frame(Opcode::text, "", {.final = false}))
      .sends(frame(Opcode::continuation, between, {.final = false}))
      .sends(frame(Opcode::continuation, ""))
      .sees(message(Opcode::text, between))
      .closes();
}

/// A message that breaks off after `bytes`, which can be the beginning of no text: the server must not wait for more.
Script fails_at_once(std::string_view bytes, bool in_one_frame) {
  const std::string good = from_hex(kGood);
  if (!in_one_frame) {
    return Script()
        .sends(frame(Opcode::text, good, {.final = false}))
        .sends(frame(Opcode::continuation, bytes, {.final = false}))
        .fails(1007);
  }
  const std::string whole = frame(Opcode::text, good + std::string(bytes) + "edited");
  return Script().sends(whole.substr(0, whole.size() - std::string_view("edited").size())).fails(1007);
}

const std::vector<Case> kMessages = {
    {"6.1.1", "empty text", [] { return valid(""); }},
    {"6.1.2", "three empty fragments", [] { return empty_fragments(""); }},
    {"6.1.3", "three fragments, the first and the last empty", [] { return empty_fragments("middle frame payload"); }},
    {"6.2.1", "text outside ASCII", [] { return valid(kUtf8); }},
    {"6.2.2", "in two fragments, cut between characters",
     [] {
       return Script()
           .sends(frame(Opcode::text, kUtf8.substr(0, 8), {.final = false}))
           .sends(frame(Opcode::continuation, kUtf8.substr(8)))
           .sees(message(Opcode::text, kUtf8))
           .closes();
     }},
    {"6.2.3", "in fragments of one byte", [] { return in_fragments(kUtf8, 1); }},
    {"6.2.4", "a word in fragments of one byte", [] { return in_fragments(from_hex(kGood), 1); }},
    {"6.3.1", "text with a surrogate",
     [] { return invalid(from_hex(std::string(kGood) + std::string(kSurrogate) + "656469746564")); }},
    {"6.3.2", "text with a surrogate in fragments of one byte",
     [] {
       const std::string bytes = from_hex(std::string(kGood) + std::string(kSurrogate) + "656469746564");
       return Script().sends(fragmented(Opcode::text, bytes, 1)).fails(1007);
     }},
    {"6.4.1", "fails in the fragment with a code point past the last",
     [] { return fails_at_once(from_hex(kPastTheEnd), false); }},
    {"6.4.2", "fails at its second byte", [] { return fails_at_once(from_hex("f490"), false); }},
    {"6.4.3", "fails in the middle of a frame", [] { return fails_at_once(from_hex(kPastTheEnd), true); }},
    {"6.4.4", "fails at its second byte in the middle of a frame",
     [] { return fails_at_once(from_hex("f490"), true); }},
};

/// A text message of the bytes given as digits.
struct Text {
  std::string_view number;
  std::string_view digits;
  bool is_valid;
};

constexpr bool kValid = true;
constexpr bool kInvalid = false;

constexpr Text kTexts[] = {
    // a word, and its beginnings
    {"6.5.1", "cebae1bdb9cf83cebcceb5", kValid},
    {"6.6.1", "ce", kInvalid},
    {"6.6.2", "ceba", kValid},
    {"6.6.3", "cebae1", kInvalid},
    {"6.6.4", "cebae1bd", kInvalid},
    {"6.6.5", "cebae1bdb9", kValid},
    {"6.6.6", "cebae1bdb9cf", kInvalid},
    {"6.6.7", "cebae1bdb9cf83", kValid},
    {"6.6.8", "cebae1bdb9cf83ce", kInvalid},
    {"6.6.9", "cebae1bdb9cf83cebc", kValid},
    {"6.6.10", "cebae1bdb9cf83cebcce", kInvalid},
    {"6.6.11", "cebae1bdb9cf83cebcceb5", kValid},
    // the first and the last sequence of each length
    {"6.7.1", "00", kValid},
    {"6.7.2", "c280", kValid},
    {"6.7.3", "e0a080", kValid},
    {"6.7.4", "f0908080", kValid},
    {"6.8.1", "f888808080", kInvalid},
    {"6.8.2", "fc8480808080", kInvalid},
    {"6.9.1", "7f", kValid},
    {"6.9.2", "dfbf", kValid},
    {"6.9.3", "efbfbf", kValid},
    {"6.9.4", "f48fbfbf", kValid},
    {"6.10.1", "f7bfbfbf", kInvalid},
    {"6.10.2", "fbbfbfbfbf", kInvalid},
    {"6.10.3", "fdbfbfbfbfbf", kInvalid},
    // other borders
    {"6.11.1", "ed9fbf", kValid},
    {"6.11.2", "ee8080", kValid},
    {"6.11.3", "efbfbd", kValid},
    {"6.11.4", "f48fbfbf", kValid},
    {"6.11.5", "f4908080", kInvalid},
    // continuation bytes of nothing
    {"6.12.1", "80", kInvalid},
    {"6.12.2", "bf", kInvalid},
    {"6.12.3", "80bf", kInvalid},
    {"6.12.4", "80bf80", kInvalid},
    {"6.12.5", "80bf80bf", kInvalid},
    {"6.12.6", "80bf80bf80", kInvalid},
    {"6.12.7", "80bf80bf80bf", kInvalid},
    {"6.12.8", "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e", kInvalid},
    // lead bytes without continuation
    {"6.13.1", "c020c120c220c320c420c520c620c720", kInvalid},
    {"6.13.2", "e020e120e220e320e420e520e620e720e820e920ea20eb20ec20ed20ee20ef20", kInvalid},
    {"6.13.3", "f020f120f220f320f420f520f620f720", kInvalid},
    {"6.13.4", "f820f920fa20fb20", kInvalid},
    {"6.13.5", "fc20fd20", kInvalid},
    // the last continuation byte is missing
    {"6.14.1", "c0", kInvalid},
    {"6.14.2", "e080", kInvalid},
    {"6.14.3", "f08080", kInvalid},
    {"6.14.4", "f8808080", kInvalid},
    {"6.14.5", "fc80808080", kInvalid},
    {"6.14.6", "df", kInvalid},
    {"6.14.7", "efbf", kInvalid},
    {"6.14.8", "f7bfbf", kInvalid},
    {"6.14.9", "fbbfbfbf", kInvalid},
    {"6.14.10", "fdbfbfbfbf", kInvalid},
    {"6.15.1", "c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf", kInvalid},
    // impossible bytes
    {"6.16.1", "fe", kInvalid},
    {"6.16.2", "ff", kInvalid},
    {"6.16.3", "fefeffff", kInvalid},
    // overlong: a slash, the largest of each length, NUL
    {"6.17.1", "c0af", kInvalid},
    {"6.17.2", "e080af", kInvalid},
    {"6.17.3", "f08080af", kInvalid},
    {"6.17.4", "f8808080af", kInvalid},
    {"6.17.5", "fc80808080af", kInvalid},
    {"6.18.1", "c1bf", kInvalid},
    {"6.18.2", "e09fbf", kInvalid},
    {"6.18.3", "f08fbfbf", kInvalid},
    {"6.18.4", "f887bfbfbf", kInvalid},
    {"6.18.5", "fc83bfbfbfbf", kInvalid},
    {"6.19.1", "c080", kInvalid},
    {"6.19.2", "e08080", kInvalid},
    {"6.19.3", "f0808080", kInvalid},
    {"6.19.4", "f880808080", kInvalid},
    {"6.19.5", "fc8080808080", kInvalid},
    // surrogates, alone and in pairs
    {"6.20.1", "eda080", kInvalid},
    {"6.20.2", "edadbf", kInvalid},
    {"6.20.3", "edae80", kInvalid},
    {"6.20.4", "edafbf", kInvalid},
    {"6.20.5", "edb080", kInvalid},
    {"6.20.6", "edbe80", kInvalid},
    {"6.20.7", "edbfbf", kInvalid},
    {"6.21.1", "eda080edb080", kInvalid},
    {"6.21.2", "eda080edbfbf", kInvalid},
    {"6.21.3", "edadbfedb080", kInvalid},
    {"6.21.4", "edadbfedbfbf", kInvalid},
    {"6.21.5", "edae80edb080", kInvalid},
    {"6.21.6", "edae80edbfbf", kInvalid},
    {"6.21.7", "edafbfedb080", kInvalid},
    {"6.21.8", "edafbfedbfbf", kInvalid},
    // code points that are no characters, but valid; the replacement character and its neighbours
    {"6.22.1", "efbfbe", kValid},
    {"6.22.2", "efbfbf", kValid},
    {"6.22.3", "f09fbfbe", kValid},
    {"6.22.4", "f09fbfbf", kValid},
    {"6.22.5", "f0afbfbe", kValid},
    {"6.22.6", "f0afbfbf", kValid},
    {"6.22.7", "f0bfbfbe", kValid},
    {"6.22.8", "f0bfbfbf", kValid},
    {"6.22.9", "f18fbfbe", kValid},
    {"6.22.10", "f18fbfbf", kValid},
    {"6.22.11", "f19fbfbe", kValid},
    {"6.22.12", "f19fbfbf", kValid},
    {"6.22.13", "f1afbfbe", kValid},
    {"6.22.14", "f1afbfbf", kValid},
    {"6.22.15", "f1bfbfbe", kValid},
    {"6.22.16", "f1bfbfbf", kValid},
    {"6.22.17", "f28fbfbe", kValid},
    {"6.22.18", "f28fbfbf", kValid},
    {"6.22.19", "f29fbfbe", kValid},
    {"6.22.20", "f29fbfbf", kValid},
    {"6.22.21", "f2afbfbe", kValid},
    {"6.22.22", "f2afbfbf", kValid},
    {"6.22.23", "f2bfbfbe", kValid},
    {"6.22.24", "f2bfbfbf", kValid},
    {"6.22.25", "f38fbfbe", kValid},
    {"6.22.26", "f38fbfbf", kValid},
    {"6.22.27", "f39fbfbe", kValid},
    {"6.22.28", "f39fbfbf", kValid},
    {"6.22.29", "f3afbfbe", kValid},
    {"6.22.30", "f3afbfbf", kValid},
    {"6.22.31", "f3bfbfbe", kValid},
    {"6.22.32", "f3bfbfbf", kValid},
    {"6.22.33", "f48fbfbe", kValid},
    {"6.22.34", "f48fbfbf", kValid},
    {"6.23.1", "efbfb9", kValid},
    {"6.23.2", "efbfba", kValid},
    {"6.23.3", "efbfbb", kValid},
    {"6.23.4", "efbfbc", kValid},
    {"6.23.5", "efbfbd", kValid},
    {"6.23.6", "efbfbe", kValid},
    {"6.23.7", "efbfbf", kValid},
};

std::vector<Case> text_cases() {
  std::vector<Case> cases;
  for (const Text& text : kTexts) {
    cases.push_back({std::string(text.number),
                     (text.is_valid ? "valid text " : "invalid text ") + std::string(text.digits),
                     [text] { return text.is_valid ? valid(from_hex(text.digits)) : invalid(from_hex(text.digits)); }});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Group6Messages, Conformance, ::testing::ValuesIn(in_every_delivery(kMessages)), trial_name);
INSTANTIATE_TEST_SUITE_P(Group6Texts, Conformance, ::testing::ValuesIn(in_every_delivery(text_cases())), trial_name);

}  // namespace
}  // namespace hearth::conformance
