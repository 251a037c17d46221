#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hearth::auth {

/// A set of places in a name, from 0 to its length. On the heap if there are more than 1024.
class Places {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  explicit Places(std::size_t length) : end_(length + 1), count_(length / 64 + 1) {
    if (count_ > few_.size()) many_.resize(count_);
  }

  bool has(std::size_t place) const noexcept { return (words()[place / 64] >> place % 64 & 1) != 0; }
  void add(std::size_t place) noexcept {
    std::uint64_t* to = many_.empty() ? few_.data() : many_.data();
    to[place / 64] |= std::uint64_t{1} << place % 64;
  }

  /// The least place from `from` on that is in the set, or kNone.
  std::size_t next(std::size_t from) const noexcept {
    if (from >= end_) return kNone;
    std::size_t word = from / 64;
    std::uint64_t bits = words()[word] >> from % 64 << from % 64;
    while (bits == 0) {
      if (++word == count_) return kNone;
      bits = words()[word];
    }
    return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  }
  std::size_t first() const noexcept { return next(0); }

 private:
  const std::uint64_t* words() const noexcept { return many_.empty() ? few_.data() : many_.data(); }

  std::size_t end_;
  std::size_t count_;  // of words
  std::array<std::uint64_t, 16> few_{};
  std::vector<std::uint64_t> many_;
};

}  // namespace hearth::auth
