#pragma once

#include <cstdint>

namespace hearth::test {

/// The sanitizers bring allocators of their own, which count nothing.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kCountsAllocations = false;
#else
inline constexpr bool kCountsAllocations = true;
#endif

/// How often this thread has called operator new so far.
std::uint64_t allocations() noexcept;

}  // namespace hearth::test
