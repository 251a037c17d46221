#include "support/patience.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>

namespace hearth::test {

int Deadline::milliseconds_left() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

void eventually(std::string_view what, const std::function<bool()>& condition) {
  const Deadline deadline;
  while (!condition()) {
    if (deadline.passed()) throw std::runtime_error("waited in vain for: " + std::string(what));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace hearth::test
