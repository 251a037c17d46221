#include "backend/trace.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hearth::app {

namespace {

constexpr std::array<std::size_t, 4> kLengths{2, 32, 16, 2};  // version, trace, parent, flags

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// Of version 00; a later one may be longer, and is not for us to judge.
bool is_traceparent(std::string_view text) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < kLengths.size(); ++i) {
    const std::string_view part = text.substr(std::min(at, text.size()), kLengths[i]);
    if (part.size() != kLengths[i] || !is_hex(part)) return false;
    if ((i == 1 || i == 2) && is_zero(part)) return false;
    at += part.size();
    if (i + 1 < kLengths.size() && (at >= text.size() || text[at++] != '-')) return false;
  }
  return at == text.size() && text.substr(0, 2) == "00";
}

}  // namespace

std::string traceparent_from(std::string_view given) {
  if (is_traceparent(given)) return std::string(given);
  // Sampled, as is usual for who begins a trace: those who follow it decide by that.
  return "00-" + random_hex(16) + "-" + random_hex(8) + "-01";
}

std::string random_hex(unsigned bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 32> random{};
  const std::size_t count = std::min<std::size_t>(bytes, random.size());
  if (::RAND_bytes(random.data(), static_cast<int>(count)) != 1) throw std::runtime_error("OpenSSL has no randomness");
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[random[i] >> 4U];
    text += kDigits[random[i] & 0xFU];
  }
  return text;
}

}  // namespace hearth::app
