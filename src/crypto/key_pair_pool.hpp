#pragma once

#include "crypto/key_agreement.hpp"

#include <cstddef>
#include <mutex>
#include <vector>

namespace hearth::crypto {

/// Key pairs made ahead, so that a handshake doesn't wait for one. From any thread.
class KeyPairPool {
 public:
  static constexpr std::size_t kSize = 256;

  /// One that nobody else gets. Made now if none was made ahead.
  KeyPair take();

  /// Whether the caller is to fill the pool up, by calling `add_some` until it says that it is full. At most one caller
  /// is told to at a time.
  bool begin_filling();
  /// Makes a few more. False when the pool is full, and filling is over.
  bool add_some();

 private:
  std::mutex mutex_;
  std::vector<KeyPair> pairs_;
  bool filling_ = false;
};

}  // namespace hearth::crypto
