// Autobahn 9 and 10: large messages, many fragments, many messages; and the limit, which Autobahn does not test.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

/// Bytes that differ from place to place, so that none can be lost or moved unseen.
std::string filled(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i + i / 251) % 26);
  return text;
}

Script fragments(Opcode opcode, std::size_t size, std::size_t fragment) {
  const std::string payload = filled(size);
  return Script().sends(fragmented(opcode, payload, fragment)).sees(message(opcode, payload)).closes();
}

/// Messages of which each is sent when the one before has come back.
Script round_trips(Opcode opcode, std::size_t size) {
  constexpr int kMessages = 1000;
  const std::string payload = filled(size);
  Script script;
  for (int i = 0; i < kMessages; ++i) script.echoes(opcode, payload).then();
  return script.closes();
}

/// Numbered from 1: the same case for each size.
std::vector<Case> for_sizes(const std::string& group, const std::string& what, const std::vector<std::size_t>& sizes,
                            const std::function<Script(std::size_t)>& script) {
  std::vector<Case> cases;
  for (const std::size_t size : sizes) {
    cases.push_back({group + "." + std::to_string(cases.size() + 1), what + " " + std::to_string(size),
                     [script, size] { return script(size); }});
  }
  return cases;
}

std::vector<Case> large_messages(const std::string& group, Opcode opcode) {
  return for_sizes(group, "one message of", {64 * kKiB, 256 * kKiB, kMiB, 4 * kMiB, 8 * kMiB, 16 * kMiB},
                   [opcode](std::size_t size) { return Script().echoes(opcode, filled(size)).closes(); });
}

std::vector<Case> fragmented_messages(const std::string& group, Opcode opcode) {
  return for_sizes(group, "4 MiB in fragments of",
                   {64, 256, kKiB, 4 * kKiB, 16 * kKiB, 64 * kKiB, 256 * kKiB, kMiB, 4 * kMiB},
                   [opcode](std::size_t size) { return fragments(opcode, 4 * kMiB, size); });
}

std::vector<Case> chopped_messages(const std::string& group, Opcode opcode) {
  return for_sizes(group, "1 MiB in chops of", {64, 128, 256, 512, 1024, 2048},
                   [opcode](std::size_t size) { return Script().echoes(opcode, filled(kMiB)).closes().chopped(size); });
}

std::vector<Case> many_messages(const std::string& group, Opcode opcode) {
  return for_sizes(group, "1000 messages of", {0, 16, 64, 256, 1024, 4096},
                   [opcode](std::size_t size) { return round_trips(opcode, size); });
}

const std::vector<Case> kAutoFragments = {
    {"10.1.1", "64 KiB in fragments of 1300", [] { return fragments(Opcode::text, 64 * kKiB, 1300); }},
};

/// The echo server's limit is 64 MiB; what passes it is refused on the header, or on the fragment that does.
const std::vector<Case> kLimits = {
    {"limit.1", "a frame that announces one byte more than the limit",
     [] { return Script().sends(from_hex("82ff0000000004000001") + std::string(4, '\0')).fails(1009); }},
    {"limit.2", "a frame that announces all that 63 bits can say",
     [] { return Script().sends(from_hex("81ff7fffffffffffffff") + std::string(4, '\0')).fails(1009); }},
    {"limit.3", "a fragment that makes the message larger than the limit",
     [] {
       return Script()
           .sends(frame(Opcode::text, "a", {.final = false}))
           .sends(from_hex("80ff0000000004000000") + std::string(4, '\0'))
           .fails(1009);
     }},
};

std::vector<Trial> trials(std::initializer_list<std::vector<Case>> groups) {
  std::vector<Trial> all;
  for (const std::vector<Case>& group : groups) {
    for (Trial& trial : in_large_deliveries(group)) all.push_back(std::move(trial));
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Group9Large, Conformance,
                         ::testing::ValuesIn(trials({large_messages("9.1", Opcode::text),
                                                     large_messages("9.2", Opcode::binary)})),
                         trial_name);
INSTANTIATE_TEST_SUITE_P(Group9Fragments, Conformance,
                         ::testing::ValuesIn(trials({fragmented_messages("9.3", Opcode::text),
                                                     fragmented_messages("9.4", Opcode::binary)})),
                         trial_name);
INSTANTIATE_TEST_SUITE_P(Group9Chops, Conformance,
                         ::testing::ValuesIn(trials({chopped_messages("9.5", Opcode::text),
                                                     chopped_messages("9.6", Opcode::binary)})),
                         trial_name);
INSTANTIATE_TEST_SUITE_P(Group9Many, Conformance,
                         ::testing::ValuesIn(trials({many_messages("9.7", Opcode::text),
                                                     many_messages("9.8", Opcode::binary)})),
                         trial_name);
INSTANTIATE_TEST_SUITE_P(Group10, Conformance, ::testing::ValuesIn(in_every_delivery(kAutoFragments)), trial_name);
INSTANTIATE_TEST_SUITE_P(Limits, Conformance, ::testing::ValuesIn(in_every_delivery(kLimits)), trial_name);

}  // namespace
}  // namespace hearth::conformance
