#pragma once

#include "conformance/conversation.hpp"
#include "conformance/script.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace hearth::conformance {

/// One case of the suite, numbered as in the Autobahn test suite.
struct Case {
  std::string number;
  std::string what;
  std::function<Script()> script;
};

/// A case and how its bytes are sent.
struct Trial {
  Case tested;
  Delivery delivery = Delivery::as_written;
};

void PrintTo(const Trial& trial, std::ostream* out);

/// Each case as written and in random chunks, and byte by byte if it is small.
std::vector<Trial> in_every_delivery(const std::vector<Case>& cases);

/// Each case as written and in random chunks: for those that are large.
std::vector<Trial> in_large_deliveries(const std::vector<Case>& cases);

std::string trial_name(const ::testing::TestParamInfo<Trial>& trial);

/// Plays trials against the echo server that TEST_WS_ECHO names; the group files instantiate it with their cases.
class Conformance : public ::testing::TestWithParam<Trial> {};

}  // namespace hearth::conformance
