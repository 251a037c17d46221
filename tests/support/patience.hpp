#pragma once

#include <chrono>
#include <functional>
#include <string_view>

namespace hearth::test {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
inline constexpr bool kSanitized = kThreadSanitizer || kAddressSanitizer;

/// How long a test waits for what must happen before it fails.
inline constexpr std::chrono::seconds kPatience{kSanitized ? 60 : 10};

/// The end of a wait that begins now.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds length = kPatience) : at_(std::chrono::steady_clock::now() + length) {}
  bool passed() const { return std::chrono::steady_clock::now() >= at_; }
  /// As poll and epoll_wait take it.
  int milliseconds_left() const;

 private:
  std::chrono::steady_clock::time_point at_;
};

/// Returns when `condition` holds; throws, with `what` was waited for, when it does not for kPatience.
void eventually(std::string_view what, const std::function<bool()>& condition);

}  // namespace hearth::test
