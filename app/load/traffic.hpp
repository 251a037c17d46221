#pragma once

#include "load/plan.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace hearth::load {

/// One sender's messages to one room, numbered from 0.
struct Stream {
  std::string room;          ///< empty: the sender's own
  std::uint32_t sender = 0;  ///< client; it stays in the room and connected
  std::uint32_t lane = 0;
  std::uint32_t copies = 1;            ///< that have to come before a message counts as arrived; 1: the sender's own
  std::atomic<std::uint64_t> sent{0};  ///< counted before the message leaves
};

/// Sends a window of messages at once and the next when all of them have arrived.
struct Lane {
  unsigned thread = 0;
  std::vector<std::uint32_t> streams;
  std::vector<double> shares;                ///< of each stream, summed up; empty: all the same
  std::atomic<std::int64_t> outstanding{0};  ///< copies that have not arrived
};

/// Who sends to whom in a scenario. The streams and lanes are shared by all threads, the rest does not change.
class Traffic {
 public:
  explicit Traffic(const Plan& plan);

  std::deque<Stream> streams;
  std::deque<Lane> lanes;
  /// Streams whose rooms each client joins when it has connected.
  std::vector<std::vector<std::uint32_t>> memberships;
  /// Streams that members come to and go from.
  std::vector<std::uint32_t> changing;
  /// Whether the client sends to any stream, so that it must not go.
  std::vector<bool> sends;

  unsigned thread_of(std::uint32_t client) const noexcept { return client % threads_; }

 private:
  void add_echo(const Plan& plan);
  void add_fanout(const Plan& plan);
  void add_rooms(const Plan& plan, double share);
  void add_silent_rooms(const Plan& plan);
  void add_remembering_rooms(const Plan& plan);
  void add_pairs(const Plan& plan, double share);
  void add_room_of_all(const Plan& plan, double share);
  std::uint32_t add_stream(std::string room, std::uint32_t sender, std::uint32_t lane, double share);
  void add_lanes(unsigned count);
  void join(std::uint32_t client, std::uint32_t stream);

  unsigned threads_;
  std::mt19937 random_{1};  // the same every time
};

}  // namespace hearth::load
