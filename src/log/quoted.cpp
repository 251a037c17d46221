#include "log/quoted.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <cstdint>

namespace hearth::log {

namespace {

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._:/@+-*[]%").find(c) != std::string_view::npos;
}

/// At most `longest` bytes, cut where a character of UTF-8 ends.
std::string_view shortened(std::string_view text, std::size_t longest) noexcept {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

// What JSON lets stand and a terminal obeys: DEL, the controls U+0080 to U+009F, line and paragraph separators, and the
// marks that turn the direction of text around.
std::size_t hidden_control(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U; };
  if (byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return 2;
  if (byte(0) != 0xe2) return 0;
  const bool turns = byte(1) == 0x80 && ((byte(2) >= 0xa8 && byte(2) <= 0xae) || byte(2) == 0x8e || byte(2) == 0x8f);
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  return turns || isolates ? 3 : 0;
}

// Of a control as `hidden_control` finds it.
void append_escape(std::string& line, std::string_view control) {
  const auto bits = [&](std::size_t i) { return static_cast<std::uint8_t>(control[i]) & 0x3fU; };
  std::uint32_t code = 0x7f;
  if (control.size() == 2) code = 0x80U | bits(1);
  if (control.size() == 3) code = 0x2000U | bits(1) << 6U | bits(2);
  constexpr std::string_view kDigits = "0123456789abcdef";
  line += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) line += kDigits[code >> shift & 15U];
}

void append_quoted(std::string& line, std::string_view value, bool is_cut) {
  std::string json;
  protocol::append_quoted(json, value);
  for (std::size_t at = 0; at + 1 < json.size();) {
    const std::size_t control = hidden_control(std::string_view(json).substr(at));
    if (control == 0) {
      line += json[at++];
    } else {
      append_escape(line, std::string_view(json).substr(at, control));
      at += control;
    }
  }
  line += is_cut ? "…\"" : "\"";
}

}  // namespace

void append_value(std::string& line, std::string_view value, std::size_t longest) {
  const std::string_view shown = shortened(value, longest);
  const bool is_cut = shown.size() < value.size();
  if (!is_cut && !value.empty() && std::all_of(value.begin(), value.end(), is_plain)) {
    line += value;
  } else {
    append_quoted(line, shown, is_cut);
  }
}

std::string quoted(std::string_view value, std::size_t longest) {
  std::string text;
  const std::string_view shown = shortened(value, longest);
  append_quoted(text, shown, shown.size() < value.size());
  return text;
}

std::string beginning(std::string_view text) {
  constexpr std::string_view kMore = "…";
  if (text.size() <= kLongestValue) return std::string(text);
  return std::string(shortened(text, kLongestValue - kMore.size())).append(kMore);
}

}  // namespace hearth::log
