// Autobahn 7: closing.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

constexpr std::string_view kText = "Hello World!";

std::string close_frame(std::string_view payload) { return frame(Opcode::close, payload); }

std::string code_bytes(unsigned code) { return {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)}; }

const std::vector<Case> kClosing = {
    {"7.1.1", "a message, then a close", [] { return Script().echoes(Opcode::text, kText).closes(); }},
    {"7.1.2", "two close frames",
     [] { return Script().closes().sends(close_frame(websocket::close_payload(1000, ""))); }},
    {"7.1.3", "a ping after the close", [] { return Script().closes().sends(frame(Opcode::ping, "")); }},
    {"7.1.4", "a message after the close", [] { return Script().closes().sends(frame(Opcode::text, kText)); }},
    {"7.1.5", "a close between two fragments",
     [] {
       return Script()
           .sends(frame(Opcode::text, "fragment1", {.final = false}))
           .closes()
           .sends(frame(Opcode::continuation, "fragment2"));
     }},
    {"7.1.6", "256 KiB of text, a close, a ping",
     [] {
       return Script().echoes(Opcode::text, std::string(256 * 1024, 'a')).closes().sends(frame(Opcode::ping, ""));
     }},
    {"7.3.1", "a close without payload", [] { return Script().closes(1005); }},
    {"7.3.2", "a close with a payload of one byte", [] { return Script().sends(close_frame("a")).fails(1002); }},
    {"7.3.3", "a close with a code", [] { return Script().closes(1000); }},
    {"7.3.4", "a close with a code and a reason", [] { return Script().closes(1000, kText); }},
    {"7.3.5", "a close with the longest reason", [] { return Script().closes(1000, std::string(123, '*')); }},
    {"7.3.6", "a close with a reason of 124 bytes",
     [] { return Script().sends(close_frame(code_bytes(1000) + std::string(124, '*'))).fails(1002); }},
    {"7.5.1", "a close with a reason that is no UTF-8",
     [] {
       return Script()
           .sends(close_frame(code_bytes(1000) + from_hex("cebae1bdb9cf83cebcceb5eda080656469746564")))
           .fails(1007);
     }},
};

std::vector<Case> valid_codes() {
  constexpr std::uint16_t kCodes[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                                      1011, 3000, 3999, 4000, 4999, 1012, 1013, 1014};
  std::vector<Case> cases;
  for (const std::uint16_t code : kCodes) {
    cases.push_back({"7.7." + std::to_string(cases.size() + 1), "code " + std::to_string(code),
                     [code] { return Script().closes(code); }});
  }
  return cases;
}

std::vector<Case> invalid_codes(const std::string& group, const std::vector<unsigned>& codes) {
  std::vector<Case> cases;
  for (const unsigned code : codes) {
    cases.push_back({group + std::to_string(cases.size() + 1), "code " + std::to_string(code),
                     [code] { return Script().sends(close_frame(code_bytes(code))).fails(1002); }});
  }
  return cases;
}

const std::vector<unsigned> kReserved = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999};
const std::vector<unsigned> kPastTheLast = {5000, 65535};

INSTANTIATE_TEST_SUITE_P(Group7Closing, Conformance, ::testing::ValuesIn(in_every_delivery(kClosing)), trial_name);
INSTANTIATE_TEST_SUITE_P(Group7ValidCodes, Conformance, ::testing::ValuesIn(in_every_delivery(valid_codes())),
                         trial_name);
INSTANTIATE_TEST_SUITE_P(Group7ReservedCodes, Conformance,
                         ::testing::ValuesIn(in_every_delivery(invalid_codes("7.9.", kReserved))), trial_name);
INSTANTIATE_TEST_SUITE_P(Group7CodesPastTheLast, Conformance,
                         ::testing::ValuesIn(in_every_delivery(invalid_codes("7.13.", kPastTheLast))), trial_name);

}  // namespace
}  // namespace hearth::conformance
