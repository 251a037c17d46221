#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hearth::protocol {

struct SipKey {
  std::uint64_t first;
  std::uint64_t second;
};

/// SipHash-1-3 (Aumasson and Bernstein, 2012; fewer rounds, as for hash tables).
std::uint64_t sip_hash(const SipKey& key, std::string_view text) noexcept;

/// Hashes names that come from outside: rooms, users, channels. With a key that is this process's own, so that nobody
/// can think up names that all fall into the same place of a table and make each look-up a search through them.
struct NameHash {
  using is_transparent = void;
  using is_avalanching = void;  ///< tells Boost's hash maps that the bits need no further mixing
  std::size_t operator()(std::string_view name) const noexcept;
};

}  // namespace hearth::protocol
