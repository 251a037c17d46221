#pragma once

#include <chrono>
#include <string>

namespace hearth::protocol {

/// A moment as JavaScript's Date writes it: ISO 8601, UTC, milliseconds (rounded down): `2026-01-02T03:04:05.678Z`.
std::string iso_time(std::chrono::system_clock::time_point time);

}  // namespace hearth::protocol
