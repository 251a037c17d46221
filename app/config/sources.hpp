#pragma once

#include "config/config.hpp"
#include "config/setting.hpp"
#include "config/slot.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::config {

// Where settings come from: each of these adds what one source says, and what is wrong with it.

/// The text of a file in TOML 1.0, which problems call `name`.
void add_file(Settings& settings, Problems& problems, std::string_view text, const std::string& name);

using Variables = std::vector<std::pair<std::string, std::string>>;

/// Those of the variables that begin with `HEARTH_`. One that means nothing is a problem, but for those that other
/// commands use or that Kubernetes puts there.
void add_environment(Settings& settings, Problems& problems, const Variables& variables);
/// `HEARTH_SERVER_PATH`, for a key's path; an entry of a list is a number.
std::string variable_of(std::string_view path);

/// Flags of the command line, by their name with dashes; those of a list may have several values.
using Flags = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Those of the flags that stand for keys.
void add_flags(Settings& settings, const Flags& flags);

/// Text from outside of TOML as a value of a shape. What does not fit stays a text, for the key to complain of.
Value value_of(std::string_view text, Shape shape);

}  // namespace hearth::config
