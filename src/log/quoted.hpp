#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::log {

/// Bytes of a value from outside that a line shows; the rest is replaced by `…`.
inline constexpr std::size_t kLongestValue = 256;

/// Appends a value so that it stands for itself whatever is in it: bare if it is one plain word, otherwise quoted, with
/// quotes, controls, what turns the direction of text around and what is no UTF-8 escaped. No longer than `longest`.
void append_value(std::string& line, std::string_view value, std::size_t longest = kLongestValue);

/// The same as a text of its own, always quoted, to stand in a sentence.
std::string quoted(std::string_view value, std::size_t longest = kLongestValue);

/// The beginning of a text that is long: no more than kLongestValue, the `…` at its end included.
std::string beginning(std::string_view text);

}  // namespace hearth::log
