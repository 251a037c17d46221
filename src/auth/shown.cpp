#include "auth/shown.hpp"

#include "protocol/utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace hearth::auth {
namespace {

constexpr std::size_t kMostCharacters = 64;

bool continues_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80; }

bool is_control(char byte) noexcept { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; }

/// The first characters of valid UTF-8.
std::string_view beginning(std::string_view text) noexcept {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!continues_character(text[at]) && ++characters > kMostCharacters) return text.substr(0, at);
  }
  return text;
}

}  // namespace

std::string shown(std::string_view text) {
  // Four bytes are the most that a character has, so one more than is kept is always there if anything is cut.
  std::string repaired;
  protocol::append_repaired(repaired, text.substr(0, 4 * kMostCharacters + 4));
  std::replace_if(repaired.begin(), repaired.end(), is_control, ' ');
  const std::string_view kept = beginning(repaired);
  std::string out = "`";
  out += kept;
  out += kept.size() < repaired.size() ? "…`" : "`";
  return out;
}

}  // namespace hearth::auth
