#pragma once

#include "api/sources.hpp"
#include "hearth/metrics.hpp"

#include <string>
#include <string_view>

namespace hearth::app {

/// Of the text that Prometheus reads, version 0.0.4.
inline constexpr std::string_view kExpositionType{"text/plain; version=0.0.4; charset=utf-8"};

/// A snapshot of the instance of that name as such a text (docs/operations.md, Metrics).
std::string exposition(const Metrics& metrics, const std::string& name, const ApiSources& sources);

}  // namespace hearth::app
