#pragma once

#include <cstddef>

namespace hearth::test {

/// Memory of this process that is in use now (VmRSS), in bytes. Of no use under sanitizers, which keep what is freed.
std::size_t resident_memory();

/// The most that was in use since `forget_peak_memory` (VmHWM), in bytes.
std::size_t peak_memory();
/// Throws std::runtime_error where the kernel does not do it.
void forget_peak_memory();

}  // namespace hearth::test
