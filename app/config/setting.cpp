#include "config/setting.hpp"

namespace hearth::config {

std::string Origin::str() const {
  if (line == 0) return name;
  return name + ':' + std::to_string(line) + ':' + std::to_string(column);
}

Origin Settings::place_of(std::string path) const {
  for (;;) {
    if (const Setting* setting = find(path)) return setting->origin;
    if (path.empty()) return {};
    const std::size_t end = path.ends_with(']') ? path.rfind('[') : path.rfind('.');
    path.resize(end == std::string::npos ? 0 : end);
  }
}

std::string without_numbers(std::string_view path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    inside = inside || c == '[';
    if (!inside) plain += c;
    inside = inside && c != ']';
  }
  return plain;
}

}  // namespace hearth::config
