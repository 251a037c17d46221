#include "conformance/conformance.hpp"

#include "conformance/echo_server.hpp"

#include <algorithm>
#include <random>

namespace hearth::conformance {

namespace {

/// Scripts up to here are also sent byte by byte.
constexpr std::size_t kSmall = 600;

std::string_view name_of(Delivery delivery) {
  switch (delivery) {
    case Delivery::as_written:
      return "as_written";
    case Delivery::in_random_chunks:
      return "in_random_chunks";
    case Delivery::byte_by_byte:
      break;
  }
  return "byte_by_byte";
}

/// Compares one by one, so that a failure shows the first difference and not two lists of megabytes.
void expect_seen(const std::vector<Incoming>& expected, const std::vector<Incoming>& seen) {
  const std::size_t shared = std::min(expected.size(), seen.size());
  for (std::size_t i = 0; i < shared; ++i) {
    ASSERT_TRUE(expected[i].matches(seen[i])) << "answer " << i << " is " << ::testing::PrintToString(seen[i])
                                              << "\nand not " << ::testing::PrintToString(expected[i]);
  }
  ASSERT_EQ(expected.size(), seen.size())
      << (expected.size() > shared ? "missing: " + ::testing::PrintToString(expected[shared])
                                   : "too much: " + ::testing::PrintToString(seen[shared]));
}

/// Whether the script's client sends a close frame as its last.
bool ends_with_close(const Script& script) {
  const Incoming& last = script.steps().back().expected.back();
  return !last.any_reason;
}

TEST_P(Conformance, Case) {
  const auto& [tested, delivery] = GetParam();
  SCOPED_TRACE(tested.what);
  const Script script = tested.script();
  ASSERT_FALSE(script.steps().back().expected.empty()) << "every script ends with a close frame";
  std::mt19937 random(static_cast<unsigned>(std::hash<std::string>()(tested.number)));

  Conversation conversation(echo_server(script.agreement().has_value()), script);
  for (const Script::Step& step : script.steps()) {
    conversation.play(step, delivery, random);
    ASSERT_NO_FATAL_FAILURE(expect_seen(step.expected, conversation.take_seen()));
  }
  conversation.finish(ends_with_close(script));
  expect_seen({}, conversation.take_seen());
  EXPECT_LE(conversation.bytes_received(), script.most_received());
}

}  // namespace

void PrintTo(const Trial& trial, std::ostream* out) {
  *out << trial.tested.number << " " << trial.tested.what << ", " << name_of(trial.delivery);
}

std::vector<Trial> in_large_deliveries(const std::vector<Case>& cases) {
  std::vector<Trial> trials;
  for (const Case& tested : cases) {
    trials.push_back({tested, Delivery::as_written});
    trials.push_back({tested, Delivery::in_random_chunks});
  }
  return trials;
}

std::vector<Trial> in_every_delivery(const std::vector<Case>& cases) {
  std::vector<Trial> trials = in_large_deliveries(cases);
  for (const Case& tested : cases) {
    if (tested.script().size() <= kSmall) trials.push_back({tested, Delivery::byte_by_byte});
  }
  return trials;
}

std::string trial_name(const ::testing::TestParamInfo<Trial>& trial) {
  std::string name = trial.param.tested.number;
  std::replace(name.begin(), name.end(), '.', '_');
  return name + "_" + std::string(name_of(trial.param.delivery));
}

}  // namespace hearth::conformance
