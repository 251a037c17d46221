// Autobahn 5: fragments.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

constexpr FrameForm kNotFinal = {.final = false};

std::string first(std::string_view payload) { return frame(Opcode::text, payload, kNotFinal); }
std::string middle(std::string_view payload) { return frame(Opcode::continuation, payload, kNotFinal); }
std::string last(std::string_view payload) { return frame(Opcode::continuation, payload); }
std::string ping(std::string_view payload) { return frame(Opcode::ping, payload); }

Script two_fragments() {
  return Script()
      .sends(first("fragment1"))
      .sends(last("fragment2"))
      .sees(message(Opcode::text, "fragment1fragment2"))
      .closes();
}

Script ping_between() {
  return Script()
      .sends(first("fragment1"))
      .sends(ping("ping payload"))
      .sends(last("fragment2"))
      .sees(pong("ping payload"))
      .sees(message(Opcode::text, "fragment1fragment2"))
      .closes();
}

Script lone_continuation(std::string_view continuation) {
  return Script().sends(continuation).sends(frame(Opcode::text, "Hello, world!")).fails(1002);
}

/// Fragments of one message with pings between them, all sent before anything is read.
Script flood() {
  return Script()
      .sends(first("fragment1"))
      .sends(middle("fragment2"))
      .sends(ping("ping 1"))
      .sends(middle("fragment3"))
      .sends(middle("fragment4"))
      .sends(ping("ping 2"))
      .sends(last("fragment5"))
      .sees(pong("ping 1"))
      .sees(pong("ping 2"))
      .sees(message(Opcode::text, "fragment1fragment2fragment3fragment4fragment5"))
      .closes();
}

Script flood_by_steps() {
  return Script()
      .sends(first("fragment1"))
      .sends(middle("fragment2"))
      .sends(ping("ping 1"))
      .sees(pong("ping 1"))
      .then()
      .sends(middle("fragment3"))
      .sends(middle("fragment4"))
      .sends(ping("ping 2"))
      .sees(pong("ping 2"))
      .then()
      .sends(last("fragment5"))
      .sees(message(Opcode::text, "fragment1fragment2fragment3fragment4fragment5"))
      .closes();
}

const std::vector<Case> kFragments = {
    {"5.1", "ping in two fragments",
     [] { return Script().sends(frame(Opcode::ping, "fragment1", kNotFinal)).sends(last("fragment2")).fails(1002); }},
    {"5.2", "pong in two fragments",
     [] { return Script().sends(frame(Opcode::pong, "fragment1", kNotFinal)).sends(last("fragment2")).fails(1002); }},
    {"5.3", "text in two fragments", two_fragments},
    {"5.4", "text in two fragments, by frames",
     [] {
       return Script()
           .sends(first("fragment1"))
           .then()
           .sends(last("fragment2"))
           .sees(message(Opcode::text, "fragment1fragment2"))
           .closes();
     }},
    {"5.5", "text in two fragments, byte by byte", [] { return two_fragments().chopped(1); }},
    {"5.6", "ping between two fragments", ping_between},
    {"5.7", "ping between two fragments, answered before the second",
     [] {
       return Script()
           .sends(first("fragment1"))
           .sends(ping("ping payload"))
           .sees(pong("ping payload"))
           .then()
           .sends(last("fragment2"))
           .sees(message(Opcode::text, "fragment1fragment2"))
           .closes();
     }},
    {"5.8", "ping between two fragments, byte by byte", [] { return ping_between().chopped(1); }},
    {"5.9", "final continuation of nothing", [] { return lone_continuation(last("non-continuation payload")); }},
    {"5.10", "final continuation of nothing after a message",
     [] { return Script().echoes(Opcode::text, "Hello, world!").sends(last("non-continuation payload")).fails(1002); }},
    {"5.11", "final continuation of nothing, byte by byte",
     [] { return lone_continuation(last("non-continuation payload")).chopped(1); }},
    {"5.12", "continuation of nothing", [] { return lone_continuation(middle("non-continuation payload")); }},
    {"5.13", "continuation of nothing after a message",
     [] {
       return Script().echoes(Opcode::text, "Hello, world!").sends(middle("non-continuation payload")).fails(1002);
     }},
    {"5.14", "continuation of nothing, byte by byte",
     [] { return lone_continuation(middle("non-continuation payload")).chopped(1); }},
    {"5.15", "text in two fragments, then a continuation of nothing",
     [] {
       return Script()
           .sends(first("fragment1"))
           .sends(last("fragment2"))
           .sees(message(Opcode::text, "fragment1fragment2"))
           .sends(middle("fragment3"))
           .sends(frame(Opcode::text, "fragment4"))
           .fails(1002);
     }},
    {"5.16", "continuation of nothing, then text in two fragments, twice",
     [] {
       Script script;
       for (int i = 0; i < 2; ++i) script.sends(middle("fragment1")).sends(first("fragment2")).sends(last("fragment3"));
       return script.fails(1002);
     }},
    {"5.17", "final continuation of nothing, then text in two fragments, twice",
     [] {
       Script script;
       for (int i = 0; i < 2; ++i) script.sends(last("fragment1")).sends(first("fragment2")).sends(last("fragment3"));
       return script.fails(1002);
     }},
    {"5.18", "second fragment with the opcode of text",
     [] { return Script().sends(first("fragment1")).sends(frame(Opcode::text, "fragment2")).fails(1002); }},
    {"5.19", "five fragments and two pings", flood},
    {"5.20", "five fragments and two pings, each ping answered at once", flood_by_steps},
};

INSTANTIATE_TEST_SUITE_P(Group5, Conformance, ::testing::ValuesIn(in_every_delivery(kFragments)), trial_name);

}  // namespace
}  // namespace hearth::conformance
