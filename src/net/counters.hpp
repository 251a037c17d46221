#pragma once

#include <atomic>
#include <cstdint>

namespace hearth::net {

/// A number that one thread counts and any may read.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.store(get() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) noexcept { value_.store(get() - n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What a loop counts.
struct LoopCounters {
  Counter accepted;
  Counter open;
  Counter refused;
  Counter messages_received;
  Counter messages_sent;
  Counter messages_dropped;
  Counter bytes_received;
  Counter bytes_sent;
  Counter protocol_errors;
  Counter accept_pauses;
  Counter contained_errors;
  Counter tls_handshakes;
  Counter tls_resumptions;
  Counter tls_failures;
  Counter ticks;
};

}  // namespace hearth::net
