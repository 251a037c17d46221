#pragma once

#include "load/plan.hpp"
#include "load/results.hpp"

namespace hearth::load {

/// Connects, sends, checks and measures as the plan says; SIGINT or SIGTERM ends it early. On a terminal a line on
/// standard error tells how far it is. Throws std::runtime_error if there is nothing to measure: no server there, or it
/// stopped answering.
Results run(const Plan& plan);

}  // namespace hearth::load
