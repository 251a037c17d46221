#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hearth::fuzz {

/// A fuzzer's input, taken from the front. What is not there any more is zero or empty.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) noexcept : rest_(reinterpret_cast<const char*>(bytes), size) {}

  std::uint8_t byte() noexcept {
    const std::string_view taken = take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
  }

  /// 0 to 65535, in network order.
  std::size_t number() noexcept {
    const std::size_t high = byte();
    return high << 8U | byte();
  }

  std::string_view take(std::size_t most) noexcept {
    const std::string_view taken = rest_.substr(0, most);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace hearth::fuzz
