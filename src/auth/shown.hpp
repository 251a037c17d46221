#pragma once

#include <string>
#include <string_view>

namespace hearth::auth {

/// Text from elsewhere, for a line of the log or an error: in backticks, on one line, cut to 64 characters, and with
/// U+FFFD in place of what is no text.
std::string shown(std::string_view text);

}  // namespace hearth::auth
