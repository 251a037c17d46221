#pragma once

#include "sim/event_queue.hpp"

#include <cstdint>
#include <vector>

namespace hearth::sim {

/// What the fault driver does in the world of presence.
enum class PresenceOp : std::uint8_t {
  cut,         ///< links of a node; a: node, b: bits kAskingOut…; for `length`
  kill_node,   ///< a: node; away for `length`
  end_node,    ///< it ends as it should, and says so; the same
  stop_node,   ///< SIGSTOP; a: node; for `length`
  snapshot,    ///< what a replica has, or the file on disk; a: its number
  restart,     ///< the store, from snapshot a - 1, or with everything if a is 0; away for `length`
  stop_store,  ///< SIGSTOP; for `length`
  refuse,      ///< out of memory; for `length`
  flush,       ///< FLUSHALL
};

constexpr std::uint32_t kAskingOut = 1;  // of the link that asks: what the node sends
constexpr std::uint32_t kAskingIn = 2;   // what it is answered
constexpr std::uint32_t kHearing = 4;    // of the link that hears what others say

struct PresenceFault {
  Micros at = 0;
  PresenceOp op = PresenceOp::cut;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  Micros length = 0;
};

/// Everything about a run of the world of presence that is decided before it begins.
struct PresencePlan {
  struct Room {
    bool lists = true;         ///< members, and not only numbers
    std::uint32_t limit = 20;  ///< presence_limit
    Micros interval = 0;
    Micros grace = 0;
  };

  std::uint64_t seed = 0;
  std::uint32_t nodes = 2;
  std::uint32_t shards = 1;  ///< a node
  std::uint32_t people = 4;
  std::uint32_t deeds = 100;    ///< things that people do
  std::uint32_t watching = 50;  ///< percent of those who join and want to be told
  Micros length = 20 * kSecond;
  Micros latency = 500;
  Micros mail_latency = 0;
  std::vector<Room> rooms;
  std::vector<PresenceFault> faults;
};

PresencePlan draw_presence_plan(std::uint64_t seed);

}  // namespace hearth::sim
