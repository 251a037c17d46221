#pragma once

#include "api/process_figures.hpp"
#include "api/request_counts.hpp"
#include "api/sources.hpp"
#include "hearth/metrics.hpp"

#include <string>
#include <string_view>

namespace hearth::app {

/// Of the text that Prometheus reads, version 0.0.4.
inline constexpr std::string_view kExpositionType{"text/plain; version=0.0.4; charset=utf-8"};

/// An instance at one moment.
struct Exposed {
  const Metrics& metrics;
  const ProcessFigures& process;
  const RequestCounts& requests;
  const ApiSources& sources;
  const std::string& name;
  std::string_view revision{};  ///< of the sources
};

/// That as such a text (docs/operations.md, Metrics).
std::string exposition(const Exposed& instance);

}  // namespace hearth::app
