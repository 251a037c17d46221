#pragma once

#include "crypto/message_cipher.hpp"
#include "hearth/limits.hpp"
#include "hub/client.hpp"
#include "log/log.hpp"
#include "net/counters.hpp"
#include "shard/limit_hits.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// The built-in encryption of a shard's clients: opens what they send, seals what they are sent, and notes whose key
/// was used often enough. The shard's thread alone.
class Sealing {
 public:
  Sealing(std::uint64_t max_messages_per_key, const Limits& limits, LimitHits& hits, log::Log log)
      : most_(max_messages_per_key), hits_(hits), log_(std::move(log)) {
    update(limits);
  }

  /// Other limits from now on.
  void update(const Limits& limits) noexcept {
    most_failures_ = limits.encryption_failures;
    is_dry_run_ = limits.dry_run;
  }

  /// The cipher that keys are made for.
  crypto::MessageCipher& cipher() noexcept { return cipher_; }

  enum class Opened : std::uint8_t {
    text,
    no,            ///< it does not open
    no_once_more,  ///< as too many before (Limits::encryption_failures): the client has another key, or none
    worn_out,      ///< the key was used often enough
  };
  struct Message {
    Opened opened;
    std::string_view text{};  ///< good until the next call
  };
  /// What stands in an `encrypted` event with this data.
  Message open(hub::Client& client, std::string_view data);

  /// What leaves in place of a message, good until the next call; empty if it cannot be sealed.
  std::string_view seal(hub::Client& client, std::string_view message);
  static std::size_t sealed_size(std::size_t message) noexcept { return crypto::MessageCipher::sealed_size(message); }

  /// Clients whose key has been used often enough by `seal`, since the last call.
  std::vector<protocol::ClientId> take_worn_out() { return std::exchange(worn_out_, {}); }
  bool has_worn_out() const noexcept { return !worn_out_.empty(); }

  /// From any thread: `encrypted` messages that did not open.
  std::uint64_t failures() const noexcept { return failures_.get(); }

 private:
  /// Whether that is too much now, which is counted.
  bool has_failed_too_often(const hub::Client& client);

  const std::uint64_t most_;
  std::size_t most_failures_ = 0;  // in a row; 0: any number
  bool is_dry_run_ = false;
  LimitHits& hits_;
  const log::Log log_;
  crypto::MessageCipher cipher_;
  std::vector<protocol::ClientId> worn_out_;
  net::Counter failures_;
};

}  // namespace hearth::shard
