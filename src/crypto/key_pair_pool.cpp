#include "crypto/key_pair_pool.hpp"

#include "guard/expect.hpp"

#include <utility>

namespace hearth::crypto {

namespace {
constexpr std::size_t kAtATime = 8;
}

KeyPair KeyPairPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!pairs_.empty()) {
      KeyPair pair = std::move(pairs_.back());
      pairs_.pop_back();
      return pair;
    }
  }
  return KeyPair::generate();
}

bool KeyPairPool::begin_filling() {
  const std::lock_guard lock(mutex_);
  if (filling_ || pairs_.size() > kSize / 2) return false;
  filling_ = true;
  return true;
}

bool KeyPairPool::add_some() {
  for (std::size_t i = 0; i < kAtATime; ++i) {
    KeyPair pair = KeyPair::generate();
    const std::lock_guard lock(mutex_);
    expect(filling_);
    pairs_.push_back(std::move(pair));
    if (pairs_.size() < kSize) continue;
    filling_ = false;
    return false;
  }
  return true;
}

}  // namespace hearth::crypto
