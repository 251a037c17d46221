#pragma once

#include <string_view>

namespace hearth::config {

/// Whether this version does what a key or a section says; by its path without numbers, `server.tls.min_version`. The
/// table has the others for their names alone: they are refused, and shown nowhere.
bool is_available(std::string_view path) noexcept;

}  // namespace hearth::config
