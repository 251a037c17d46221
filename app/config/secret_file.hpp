#pragma once

#include "config/config.hpp"
#include "config/setting.hpp"
#include "config/slot.hpp"

#include <optional>
#include <string>
#include <variant>

namespace hearth::config {

/// The secret or the secrets in a file: of a key that takes a list one a line, otherwise all of it but the line feeds
/// at the end. Or what is wrong with the file.
std::variant<Value, Unfit> read_secrets(const Path& path, Shape shape);

/// If others than owner and group may read or change a file: that, as the rest of a sentence. What is public may be
/// read.
std::optional<std::string> exposure_of(const Path& path, bool is_public = false);

}  // namespace hearth::config
