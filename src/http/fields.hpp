#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::http {

/// The same text with ASCII letters in lower case.
std::string lower_case(std::string_view text);
/// Whether two texts are the same but for the case of ASCII letters, as names of fields are (RFC 9110, 5.1).
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Without the white space around it.
std::string_view trimmed(std::string_view text) noexcept;

/// Calls `use(name, value)` for each field of a head that a parser has found to be right, in order. The value has no
/// white space around it.
template <class Use>
void for_each_field(std::string_view head, Use use) {
  constexpr std::string_view kLineEnd = "\r\n";
  std::size_t at = head.find(kLineEnd);  // the end of the request line
  while (at != std::string_view::npos) {
    head.remove_prefix(at + kLineEnd.size());
    at = head.find(kLineEnd);
    const std::string_view line = head.substr(0, at);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) use(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
}

/// Those of a head's fields that have one of these names, in any case; the names come in lower case. Past so many bytes
/// a field is left out.
std::vector<std::pair<std::string, std::string>> fields_named(std::string_view head, std::span<const std::string> names,
                                                              std::size_t most_bytes);

}  // namespace hearth::http
