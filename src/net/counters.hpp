#pragma once

#include "tls/handshake_outcome.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

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

/// Why a connection does not become a WebSocket.
enum class Refusal : std::uint8_t {
  limit,
  draining,  ///< the server sends its clients elsewhere
  origin,    ///< of a page that may not connect
  proxy,     ///< it comes from none, or without its header
  tls,       ///< it speaks none where it is spoken, or the reverse
  http,      ///< it asks for something else, or for nothing
};
inline constexpr std::array<std::string_view, 6> kRefusals{"limit", "draining", "origin", "proxy", "tls", "http"};

/// Why a message does not get to a client that reads too slowly.
enum class Drop : std::uint8_t {
  backlog,  ///< too much is waiting for it already
  drop,     ///< as the rule of its room wants it, by the words that such rules have; it is told how many
  gap,
  latest,
};
inline constexpr std::array<std::string_view, 4> kDrops{"backlog", "drop", "gap", "latest"};

/// Handshakes by what came of them, and by the version that was agreed on: none, TLS 1.2, TLS 1.3.
inline constexpr std::array<std::string_view, 3> kTlsVersions{"none", "TLSv1.2", "TLSv1.3"};
using HandshakeCounters = std::array<std::array<Counter, tls::kHandshakeOutcomes>, kTlsVersions.size()>;

/// What a loop counts.
struct LoopCounters {
  void refuse(Refusal why) noexcept { refused[static_cast<std::size_t>(why)].add(); }

  Counter accepted;
  Counter open;
  std::array<Counter, kRefusals.size()> refused;
  Counter messages_received;
  Counter messages_sent;
  Counter messages_dropped;  // those that are lost: `backlog` and `drop`
  std::array<Counter, kDrops.size()> drops;
  Counter bytes_received;
  Counter bytes_sent;
  Counter protocol_errors;
  Counter accept_pauses;
  Counter contained_errors;
  Counter tls_handshakes;
  Counter tls_resumptions;
  Counter tls_failures;
  HandshakeCounters tls_outcomes;
  Counter ticks;
};

}  // namespace hearth::net
