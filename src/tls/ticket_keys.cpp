#include "tls/ticket_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

namespace hearth::tls {

namespace {

std::optional<TicketKey> make_key() {
  TicketKey key;
  const bool made = RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
                    RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1 &&
                    RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1;
  return made ? std::optional(key) : std::nullopt;
}

}  // namespace

TicketKey::~TicketKey() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

void TicketKeys::Keys::rotate(Clock::time_point now) {
  if (current && now - born < kRotation) return;
  // Nobody may have come for so long that the one before would be too old as well.
  previous = current && now - born < 2 * kRotation ? current : std::nullopt;
  current = make_key();
  born = now;
}

std::optional<TicketKey> TicketKeys::current() {
  const auto keys = keys_.lock();
  keys->rotate(clock_());
  return keys->current;
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, TicketKey::kNameLength> name) {
  const auto keys = keys_.lock();
  keys->rotate(clock_());
  const auto is_named = [&](const std::optional<TicketKey>& key) {
    return key && std::equal(name.begin(), name.end(), key->name.begin());
  };
  if (is_named(keys->current)) return Found{*keys->current, true};
  if (is_named(keys->previous)) return Found{*keys->previous, false};
  return std::nullopt;
}

}  // namespace hearth::tls
