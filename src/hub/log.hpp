#pragma once

#include "hearth/options.hpp"

#include <functional>
#include <string_view>

namespace hearth::hub {

using Log = std::function<void(LogLevel, std::string_view line)>;

/// What the options ask for: their own function, or lines on standard error; nothing below their level either way.
/// The function may be called from any thread and never throws.
Log make_log(const Options& options);

}  // namespace hearth::hub
