#pragma once

#include "api/families.hpp"
#include "backend/statistics.hpp"

namespace hearth::app {

/// What has been asked of the backend (docs/operations.md, Metrics).
void add_backend(Families& families, const BackendStatistics& statistics);
/// What it is told.
void add_events(Families& families, const EventStatistics& statistics);
/// The key sets that are fetched.
void add_key_sets(Families& families, const KeySetStatistics& statistics);

}  // namespace hearth::app
