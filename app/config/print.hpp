#pragma once

#include "config/load.hpp"

#include <iosfwd>

namespace hearth::config {

/// Writes every value that holds as TOML, and behind it where it comes from; secrets as `***`. What has no value is a
/// comment.
void print_effective(std::ostream& out, const Loaded& loaded);

/// Writes the table of keys as Markdown, a section after the other, as it stands in docs/configuration.md.
void print_keys(std::ostream& out);

}  // namespace hearth::config
