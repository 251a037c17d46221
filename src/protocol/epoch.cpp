#include "hearth/publication.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hearth {

namespace {

// RFC 4648, 5.
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kBitsACharacter = 6;

}  // namespace

std::optional<Epoch> Epoch::parse(std::string_view text) noexcept {
  if (text.size() != kTextSize) return std::nullopt;
  Epoch epoch;
  for (const char character : text) {
    const std::size_t value = kAlphabet.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    epoch.bits = epoch.bits << kBitsACharacter | value;
  }
  return epoch;
}

std::string Epoch::str() const {
  std::string text(kTextSize, '\0');
  std::uint64_t left = bits;
  for (auto at = text.rbegin(); at != text.rend(); ++at, left >>= kBitsACharacter) {
    *at = kAlphabet[left % kAlphabet.size()];
  }
  return text;
}

}  // namespace hearth
