#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace hearth::sim {

/// A stream of chance: the same for the same seed and name, whatever other streams give. So a draw that is added to one
/// does not move the others.
class Stream {
 public:
  Stream(std::uint64_t seed, std::string_view name) noexcept : state_(seed) {
    for (const char character : name) state_ = mixed(state_ ^ static_cast<unsigned char>(character));
  }

  /// SplitMix64 (Steele, Lea and Flood, 2014).
  std::uint64_t next() noexcept {
    state_ += 0x9e37'79b9'7f4a'7c15;
    return mixed(state_);
  }
  /// From 0 to one less than `end`.
  std::uint64_t below(std::uint64_t end) noexcept { return next() % end; }
  std::int64_t between(std::int64_t least, std::int64_t most) noexcept {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
  }
  bool chance(unsigned percent) noexcept { return below(100) < percent; }
  /// From `least` to `most`, small ones as likely as large ones.
  std::int64_t magnitude(std::int64_t least, std::int64_t most) noexcept {
    constexpr double kSteps = 1U << 20U;
    const double part = static_cast<double>(below(1U << 20U)) / kSteps;
    const double low = std::log(static_cast<double>(least));
    const double high = std::log(static_cast<double>(most) + 1);
    return static_cast<std::int64_t>(std::exp(low + (high - low) * part));
  }
  template <class List>
  auto& pick(List& list) noexcept {
    return list[below(list.size())];
  }

 private:
  static std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ value >> 30U) * 0xbf58'476d'1ce4'e5b9;
    value = (value ^ value >> 27U) * 0x94d0'49bb'1331'11eb;
    return value ^ value >> 31U;
  }

  std::uint64_t state_;
};

}  // namespace hearth::sim
