#pragma once

#include <cstddef>

namespace hearth::test {

/// Memory of this process that is in use now (VmRSS), in bytes. Of no use under sanitizers, which keep what is freed.
std::size_t resident_memory();

}  // namespace hearth::test
