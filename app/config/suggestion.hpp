#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace hearth::config {

/// The word that was meant, if one is near enough to what was written, or is called that in other programs.
std::optional<std::string_view> nearest(std::string_view written, const std::vector<std::string_view>& words);

}  // namespace hearth::config
