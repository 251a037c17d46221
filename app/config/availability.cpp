#include "config/availability.hpp"

#include <algorithm>
#include <array>

namespace hearth::config {

namespace {

// Keys, and sections with all that is in them.
constexpr std::array<std::string_view, 2> kNotYet{"limits.encryption_failures", "log.payloads"};

bool is_within(std::string_view path, std::string_view section) noexcept {
  return path.starts_with(section) && (path.size() == section.size() || path[section.size()] == '.');
}

}  // namespace

bool is_available(std::string_view path) noexcept {
  return std::none_of(kNotYet.begin(), kNotYet.end(), [&](std::string_view later) { return is_within(path, later); });
}

}  // namespace hearth::config
