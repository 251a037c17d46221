// Autobahn 3 and 4: reserved bits and opcodes.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

constexpr std::string_view kText = "Hello, world!";

/// A message that comes back, then a frame that breaks a rule, then a ping that is not answered.
Script echo_then(std::string_view bad_frame) {
  return Script().echoes(Opcode::text, kText).sends(bad_frame).sends(frame(Opcode::ping, "")).fails(1002);
}

Script reserved_bits(Opcode opcode, std::string_view payload, unsigned rsv) {
  return Script().sends(frame(opcode, payload, {.rsv = rsv})).fails(1002);
}

std::string reserved(unsigned opcode, std::string_view payload = {}) {
  return frame(static_cast<Opcode>(opcode), payload);
}

const std::vector<Case> kBits = {
    {"3.1", "text with RSV 1", [] { return reserved_bits(Opcode::text, kText, 1); }},
    {"3.2", "text, then text with RSV 2", [] { return echo_then(frame(Opcode::text, kText, {.rsv = 2})); }},
    {"3.3", "text, then text with RSV 3, by frames",
     [] {
       return Script()
           .echoes(Opcode::text, kText)
           .then()
           .sends(frame(Opcode::text, kText, {.rsv = 3}))
           .sends(frame(Opcode::ping, ""))
           .fails(1002);
     }},
    {"3.4", "text, then text with RSV 4, byte by byte",
     [] { return echo_then(frame(Opcode::text, kText, {.rsv = 4})).chopped(1); }},
    {"3.5", "binary with RSV 5", [] { return reserved_bits(Opcode::binary, from_hex("00fffefdfcfb00ff"), 5); }},
    {"3.6", "ping with RSV 6", [] { return reserved_bits(Opcode::ping, kText, 6); }},
    {"3.7", "close with RSV 7", [] { return reserved_bits(Opcode::close, websocket::close_payload(1000, ""), 7); }},
};

const std::vector<Case> kOpcodes = {
    {"4.1.1", "opcode 3", [] { return Script().sends(reserved(3)).fails(1002); }},
    {"4.1.2", "opcode 4 with payload",
     [] { return Script().sends(reserved(4, "reserved opcode payload")).fails(1002); }},
    {"4.1.3", "text, then opcode 5", [] { return echo_then(reserved(5)); }},
    {"4.1.4", "text, then opcode 6 with payload", [] { return echo_then(reserved(6, kText)); }},
    {"4.1.5", "text, then opcode 7 with payload, byte by byte",
     [] { return echo_then(reserved(7, kText)).chopped(1); }},
    {"4.2.1", "opcode 11", [] { return Script().sends(reserved(11)).fails(1002); }},
    {"4.2.2", "opcode 12 with payload",
     [] { return Script().sends(reserved(12, "reserved opcode payload")).fails(1002); }},
    {"4.2.3", "text, then opcode 13", [] { return echo_then(reserved(13)); }},
    {"4.2.4", "text, then opcode 14 with payload", [] { return echo_then(reserved(14, kText)); }},
    {"4.2.5", "text, then opcode 15 with payload, byte by byte",
     [] { return echo_then(reserved(15, kText)).chopped(1); }},
};

INSTANTIATE_TEST_SUITE_P(Group3, Conformance, ::testing::ValuesIn(in_every_delivery(kBits)), trial_name);
INSTANTIATE_TEST_SUITE_P(Group4, Conformance, ::testing::ValuesIn(in_every_delivery(kOpcodes)), trial_name);

}  // namespace
}  // namespace hearth::conformance
