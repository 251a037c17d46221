#pragma once

#include <string_view>

namespace hearth::protocol {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace hearth::protocol
