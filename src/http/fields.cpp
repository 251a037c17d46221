#include "http/fields.hpp"

namespace hearth::http {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::vector<std::pair<std::string, std::string>> fields_named(std::string_view head, std::span<const std::string> names,
                                                              std::size_t most_bytes) {
  std::vector<std::pair<std::string, std::string>> kept;
  std::size_t size = 0;
  for_each_field(head, [&](std::string_view name, std::string_view value) {
    const auto is_it = [&](const std::string& wanted) { return equals_ignoring_case(wanted, name); };
    if (std::none_of(names.begin(), names.end(), is_it)) return;
    if (size + name.size() + value.size() > most_bytes) return;
    size += name.size() + value.size();
    kept.emplace_back(lower_case(name), value);
  });
  return kept;
}

}  // namespace hearth::http
