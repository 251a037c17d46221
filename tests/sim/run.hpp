#pragma once

#include "history/checker/checker.hpp"
#include "sim/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hearth::sim {

/// What became of a plan.
struct Outcome {
  std::uint64_t hash = 0;  ///< of everything that was written down
  std::size_t records = 0;
  std::vector<test::Violation> violations;
};

Outcome run_plan(const Plan& plan);

/// Twice, since a run that depends on more than its plan cannot be repeated; that is a violation too.
Outcome run_twice(const Plan& plan);

/// The same of the world of presence with this seed, once or twice.
Outcome run_presence(std::uint64_t seed, bool once);

/// The smallest plan that could be found which violates the same rule as `plan` does: without faults, rooms, clients,
/// publications and time that it does not need. Runs at most `most` plans.
Plan shrink(const Plan& plan, const std::string& rule, std::size_t most = 2000);

}  // namespace hearth::sim
