// Autobahn 2: pings and pongs.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

Script ping_and_pong(std::string_view payload) {
  return Script().sends(frame(Opcode::ping, payload)).sees(pong(payload)).closes();
}

Script ten_pings() {
  Script script;
  for (int i = 0; i < 10; ++i) {
    const std::string payload = "payload-" + std::to_string(i);
    script.sends(frame(Opcode::ping, payload)).sees(pong(payload));
  }
  return script.closes();
}

const std::vector<Case> kPings = {
    {"2.1", "ping without payload", [] { return ping_and_pong(""); }},
    {"2.2", "ping with text", [] { return ping_and_pong("Hello, world!"); }},
    {"2.3", "ping with bytes that are no UTF-8", [] { return ping_and_pong(from_hex("00fffefdfcfb00ff")); }},
    {"2.4", "ping with 125 bytes", [] { return ping_and_pong(std::string(125, '\xfe')); }},
    {"2.5", "ping with 126 bytes",
     [] { return Script().sends(frame(Opcode::ping, std::string(126, '\xfe'))).fails(1002); }},
    {"2.6", "ping with 125 bytes, byte by byte", [] { return ping_and_pong(std::string(125, '\xfe')).chopped(1); }},
    {"2.7", "pong that nobody asked for", [] { return Script().sends(frame(Opcode::pong, "")).closes(); }},
    {"2.8", "pong with payload that nobody asked for",
     [] { return Script().sends(frame(Opcode::pong, "unsolicited pong payload")).closes(); }},
    {"2.9", "pong that nobody asked for, then a ping",
     [] {
       return Script()
           .sends(frame(Opcode::pong, "unsolicited pong payload"))
           .sends(frame(Opcode::ping, "ping payload"))
           .sees(pong("ping payload"))
           .closes();
     }},
    {"2.10", "ten pings", ten_pings},
    {"2.11", "ten pings, byte by byte", [] { return ten_pings().chopped(1); }},
};

INSTANTIATE_TEST_SUITE_P(Group2, Conformance, ::testing::ValuesIn(in_every_delivery(kPings)), trial_name);

}  // namespace
}  // namespace hearth::conformance
