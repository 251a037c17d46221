#pragma once

#include <cstdint>

namespace hearth::test {

/// While it lives, one call of operator new on this thread fails: the one after `others`.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::uint64_t others) noexcept;
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether there were so many.
  bool has_failed() const noexcept;
};

}  // namespace hearth::test
