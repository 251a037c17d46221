#pragma once

#include "hearth/duration_histogram.hpp"

#include <chrono>
#include <span>

namespace hearth::app {

/// With these bounds, in seconds and in their order, and nothing counted yet.
DurationHistogram empty_histogram(std::span<const double> bounds);

/// Counts something that took so long.
void add_to(DurationHistogram& histogram, std::chrono::nanoseconds duration);

}  // namespace hearth::app
