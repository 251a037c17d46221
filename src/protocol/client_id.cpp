#include "protocol/client_id.hpp"

#include "protocol/hex_digits.hpp"

#include <cerrno>
#include <system_error>

#include <strings.h>
#include <sys/random.h>

namespace hearth::protocol {
namespace {

constexpr std::uint16_t kNoDigit = 0x100;  // past every byte

/// Where the digits of each byte stand in the text.
constexpr std::array<std::uint8_t, 16> kPlaces{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::uint8_t, 4> kDashes{8, 13, 18, 23};

using DigitValues = std::array<std::uint16_t, 256>;

constexpr DigitValues digit_values(std::uint16_t weight) {
  DigitValues values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kHexDigits.size(); ++i) {
    values[static_cast<unsigned char>(kHexDigits[i])] = static_cast<std::uint16_t>(i * weight);
  }
  return values;
}

/// What each character says as the first digit of a byte, and as the second.
constexpr DigitValues kHighDigits = digit_values(16);
constexpr DigitValues kLowDigits = digit_values(1);

unsigned digit_of(const DigitValues& values, char c) noexcept { return values[static_cast<unsigned char>(c)]; }

/// The two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kBytesInHex = [] {
  std::array<std::array<char, 2>, 256> texts{};
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = {kHexDigits[i >> 4], kHexDigits[i & 15]};
  return texts;
}();

bool is_version_4(const ClientId& id) noexcept { return (id.bytes[6] >> 4) == 4 && (id.bytes[8] >> 6) == 2; }

}  // namespace

void ClientId::append_to(std::string& out) const {
  std::array<char, kTextSize> text;
  for (std::size_t i = 0; i < bytes.size(); ++i) std::memcpy(&text[kPlaces[i]], kBytesInHex[bytes[i]].data(), 2);
  for (const auto dash : kDashes) text[dash] = '-';
  out.append(text.data(), text.size());
}

std::string ClientId::str() const {
  std::string text;
  text.reserve(kTextSize);
  append_to(text);
  return text;
}

// Without a branch for each digit: every message to a single client begins with this.
std::optional<ClientId> ClientId::parse(std::string_view text) noexcept {
  if (text.size() != kTextSize) return std::nullopt;
  ClientId id;
  unsigned seen = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const unsigned byte =
        digit_of(kHighDigits, text[kPlaces[i]]) | digit_of(kLowDigits, text[kPlaces[i] + std::size_t{1}]);
    seen |= byte;
    id.bytes[i] = static_cast<std::uint8_t>(byte);
  }
  bool has_dashes = true;
  for (const auto dash : kDashes) has_dashes &= text[dash] == '-';
  if ((seen & kNoDigit) != 0 || !has_dashes || !is_version_4(id)) return std::nullopt;
  return id;
}

ClientIdSource::~ClientIdSource() { explicit_bzero(random_.data(), random_.size()); }

ClientId ClientIdSource::next() {
  if (used_ == random_.size()) refill();
  ClientId id;
  std::memcpy(id.bytes.data(), random_.data() + used_, id.bytes.size());
  explicit_bzero(random_.data() + used_, id.bytes.size());
  used_ += id.bytes.size();
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  id.bytes.back() = shard_;
  return id;
}

void ClientIdSource::refill() {
  std::size_t filled = 0;
  while (filled < random_.size()) {
    const ssize_t got = getrandom(random_.data() + filled, random_.size() - filled, 0);
    if (got >= 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "getrandom, for client ids");
    }
  }
  used_ = 0;
}

}  // namespace hearth::protocol
