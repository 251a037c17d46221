#pragma once

#include "auth/pattern.hpp"

#include <optional>
#include <string>

namespace hearth::auth {

/// Whether every name that `inner` matches for a client is one that `outer` matches for that client too. No means: not
/// that it can be seen from part to part.
bool contains(const Pattern& outer, const Pattern& inner);

/// A name that `one` matches with any values for its placeholders, and `other` with values that have no separators, as
/// most ids are; if there is one.
std::optional<std::string> shared_name(const Pattern& one, const Pattern& other);

}  // namespace hearth::auth
