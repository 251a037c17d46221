#include "protocol/client_id.hpp"

#include <cerrno>
#include <system_error>

#include <strings.h>
#include <sys/random.h>

namespace hearth::protocol {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr int kNoDigit = -1;

/// A dash stands before these bytes.
constexpr bool dash_before(std::size_t byte) noexcept { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return kNoDigit;
}

bool is_version_4(const ClientId& id) noexcept { return (id.bytes[6] >> 4) == 4 && (id.bytes[8] >> 6) == 2; }

}  // namespace

void ClientId::append_to(std::string& out) const {
  std::array<char, kTextSize> text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i)) text[at++] = '-';
    text[at++] = kHexDigits[bytes[i] >> 4];
    text[at++] = kHexDigits[bytes[i] & 15];
  }
  out.append(text.data(), text.size());
}

std::string ClientId::str() const {
  std::string text;
  text.reserve(kTextSize);
  append_to(text);
  return text;
}

std::optional<ClientId> ClientId::parse(std::string_view text) noexcept {
  if (text.size() != kTextSize) return std::nullopt;
  ClientId id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    const int high = digit_value(text[at++]);
    const int low = digit_value(text[at++]);
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (!is_version_4(id)) return std::nullopt;
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
