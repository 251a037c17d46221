#pragma once

#include "api/answer.hpp"

#include <system_error>

namespace hearth::app {

/// What a log did not do, for who has asked for it.
ApiProblem problem_of(const std::error_code& error);

}  // namespace hearth::app
