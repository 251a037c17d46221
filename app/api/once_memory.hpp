#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

namespace hearth::app {

/// What is to be done once, and what it is. Hashes, so that they have a length.
struct OnceKey {
  std::string id;    ///< of whose key it is and which
  std::string body;  ///< of all that is to be done
};

/// How far what has a key has come.
enum class OnceState : std::uint8_t {
  mine,      ///< nobody has done it: whoever asked does it now
  pending,   ///< somebody does it now
  done,      ///< it has been done
  conflict,  ///< the key stands for something else
  full,      ///< no more keys can be remembered
};

/// Keys of what has been done in the last five minutes. One thread.
class OnceMemory {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes kLife{5};
  static constexpr std::size_t kMostKeys = 100'000;

  explicit OnceMemory(std::size_t most = kMostKeys) : most_(most) {}

  /// After `mine`, `finish` or `forget` has to follow.
  OnceState claim(const OnceKey& key, Clock::time_point now = Clock::now());
  void finish(const OnceKey& key);
  /// It has not been done.
  void forget(const OnceKey& key) { known_.erase(key.id); }

 private:
  struct Known {
    std::string body;
    Clock::time_point since;
    bool is_done = false;
  };
  struct Age {
    Clock::time_point since;
    std::string id;
  };

  void expire(Clock::time_point now);

  const std::size_t most_;
  std::unordered_map<std::string, Known> known_;
  std::deque<Age> ages_;  // of known_ and of those that were forgotten, the oldest first
};

}  // namespace hearth::app
