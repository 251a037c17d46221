#pragma once

#include "hearth/watch.hpp"

#include <chrono>
#include <string>

namespace hearth::app {

/// A publication as `/api/watch` shows it: a line of JSON, whatever white space its data have.
std::string text_of(const WatchedPublication& seen, std::chrono::system_clock::time_point time);

}  // namespace hearth::app
