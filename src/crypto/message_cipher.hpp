#pragma once

#include "crypto/aes_gcm.hpp"
#include "crypto/payload.hpp"
#include "crypto/secret.hpp"
#include "hearth/crypto.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::crypto {

class MessageCipher;

/// The key shared with one client, and how much it was used.
class ClientKey {
 public:
  /// `first_iv` is random. The cipher is the only one that the key is used with.
  ClientKey(AesKey key, const Iv& first_iv, MessageCipher& cipher) noexcept
      : key_(std::move(key)), iv_(first_iv), cipher_(cipher) {}
  ~ClientKey();
  ClientKey(const ClientKey&) = delete;
  ClientKey& operator=(const ClientKey&) = delete;

  /// Messages in either direction so far.
  std::uint64_t used() const noexcept { return used_; }
  /// Messages in a row that did not open.
  unsigned failures() const noexcept { return failures_; }
  void note_failure() noexcept { ++failures_; }

 private:
  friend class MessageCipher;

  /// Random once and then counted, so that none can come twice.
  const Iv& next_iv() noexcept;
  /// Whether a message under this IV is one of ours that comes back: both directions have the same key.
  bool is_own(const Iv& iv) const noexcept;

  AesKey key_;
  Iv iv_;
  std::uint32_t failures_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t sealed_ = 0;
  MessageCipher& cipher_;
};

/// Turns messages into `encrypted` events and back (docs/protocol.md, section 4), with the keys of many clients and no
/// allocation a message. For one thread. Throws std::runtime_error if OpenSSL fails.
class MessageCipher {
 public:
  /// The event that is sent for a message; good until the next call.
  std::string_view seal(ClientKey& key, std::string_view message);
  /// How long that is.
  static std::size_t sealed_size(std::size_t message) noexcept;

  /// What stands in an `encrypted` event with this `data`, which is valid JSON; good until the next call.
  Result<std::string_view> open(ClientKey& key, std::string_view data);

 private:
  friend class ClientKey;

  AesGcm cipher_;
  PayloadReader reader_;
  std::vector<std::uint8_t> ciphertext_;
  std::string sealed_;
  std::string opened_;
};

}  // namespace hearth::crypto
