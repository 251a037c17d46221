// Autobahn 1: text and binary messages of every form of length.

#include "conformance/conformance.hpp"

namespace hearth::conformance {

namespace {

Script echo_of(Opcode opcode, std::size_t size) {
  return Script().echoes(opcode, std::string(size, opcode == Opcode::text ? '*' : '\xfe')).closes();
}

const std::vector<Case> kTexts = {
    {"1.1.1", "empty text", [] { return echo_of(Opcode::text, 0); }},
    {"1.1.2", "text of 125 bytes", [] { return echo_of(Opcode::text, 125); }},
    {"1.1.3", "text of 126 bytes", [] { return echo_of(Opcode::text, 126); }},
    {"1.1.4", "text of 127 bytes", [] { return echo_of(Opcode::text, 127); }},
    {"1.1.5", "text of 128 bytes", [] { return echo_of(Opcode::text, 128); }},
    {"1.1.6", "text of 65535 bytes", [] { return echo_of(Opcode::text, 65535); }},
    {"1.1.7", "text of 65536 bytes", [] { return echo_of(Opcode::text, 65536); }},
    {"1.1.8", "text of 65536 bytes in chops of 997", [] { return echo_of(Opcode::text, 65536).chopped(997); }},
};

const std::vector<Case> kBinaries = {
    {"1.2.1", "empty binary", [] { return echo_of(Opcode::binary, 0); }},
    {"1.2.2", "binary of 125 bytes", [] { return echo_of(Opcode::binary, 125); }},
    {"1.2.3", "binary of 126 bytes", [] { return echo_of(Opcode::binary, 126); }},
    {"1.2.4", "binary of 127 bytes", [] { return echo_of(Opcode::binary, 127); }},
    {"1.2.5", "binary of 128 bytes", [] { return echo_of(Opcode::binary, 128); }},
    {"1.2.6", "binary of 65535 bytes", [] { return echo_of(Opcode::binary, 65535); }},
    {"1.2.7", "binary of 65536 bytes", [] { return echo_of(Opcode::binary, 65536); }},
    {"1.2.8", "binary of 65536 bytes in chops of 997", [] { return echo_of(Opcode::binary, 65536).chopped(997); }},
};

INSTANTIATE_TEST_SUITE_P(Group1Text, Conformance, ::testing::ValuesIn(in_every_delivery(kTexts)), trial_name);
INSTANTIATE_TEST_SUITE_P(Group1Binary, Conformance, ::testing::ValuesIn(in_every_delivery(kBinaries)), trial_name);

}  // namespace
}  // namespace hearth::conformance
