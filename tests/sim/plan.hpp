#pragma once

#include "sim/event_queue.hpp"

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::sim {

/// What the fault driver does. `a`, `b` and `length` are what the line of the list says.
enum class Op : std::uint8_t {
  cut,            ///< link of a node; a: node, b: bits kCut…; for `length`
  kill_node,      ///< a: node; away for `length`
  stop_node,      ///< SIGSTOP; a: node; for `length`
  congest,        ///< a node's mailboxes are not emptied; a: node; for `length`
  snapshot,       ///< what a replica has, or the file on disk; a: its number
  restart,        ///< the store, from snapshot a - 1, or with everything if a is 0; away for `length`
  promote,        ///< a replica, which has snapshot a
  split,          ///< as promote, but the old primary lives on for `length` for the nodes in the bits of b
  stop_store,     ///< SIGSTOP; for `length`
  flush,          ///< FLUSHALL
  evict_meta,     ///< a: room
  evict_log,      ///< a: room
  erase,          ///< a: room
  refuse_writes,  ///< out of memory; for `length`
  script_flush,
  drop_client,   ///< its connection; a: client; away for `length`
  drop_clients,  ///< all of a node; a: node; away for `length`
  slow_client,   ///< it does not read; a: client; for `length`
  fail_back,     ///< as promote, and back to the same process, which has snapshot b - 1, or everything, after `length`
};
constexpr std::size_t kOps = 19;

std::string_view name_of(Op op) noexcept;

constexpr std::uint32_t kCutAppends = 1;      // of the link that publishes: what the node sends
constexpr std::uint32_t kCutAnswers = 2;      // what it is answered
constexpr std::uint32_t kCutSubscribing = 4;  // of the link that subscribes, in both directions

struct Fault {
  Micros at = 0;
  Op op = Op::cut;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  Micros length = 0;

  bool operator==(const Fault&) const = default;
};

/// Everything about a run that is decided before it begins. What is left to chance while it runs comes from the seed.
struct Plan {
  struct Room {
    std::uint32_t size = 100;       ///< history_size
    Micros ttl = 600 * kSecond;     ///< history_ttl
    std::uint32_t tail = 100;       ///< publications that a shard keeps
    std::uint32_t slow_policy = 0;  ///< history::SlowPolicy

    bool operator==(const Room&) const = default;
  };

  std::uint64_t seed = 0;
  std::uint32_t nodes = 2;
  std::uint32_t shards = 1;  ///< a node
  std::uint32_t clients = 5;
  std::uint32_t publications = 200;
  std::uint32_t membership = 50;   ///< percent of the rooms that a client is in
  std::uint32_t window = 16;       ///< publications that wait for a client at most while it is replayed to
  std::uint32_t catch_up_at = 32;  ///< or before it falls behind
  std::uint32_t page = 256;        ///< publications that fit into a page
  std::uint32_t trim_slack = 0;    ///< publications past `size` that are left
  std::uint32_t tail_budget = 1U << 20U;
  std::uint32_t one_server = 1;  ///< whether both links of a node have to be to one process of the store
  std::uint32_t probe = 1;       ///< whether something is published in each room after the last fault
  Micros length = 20 * kSecond;  ///< of the part with faults and publications
  Micros latency = 500;          ///< of a link, about
  Micros mail_latency = 0;       ///< between the threads of a node
  std::vector<Room> rooms;
  std::vector<Fault> faults;

  bool operator==(const Plan&) const = default;
};

/// Draws which faults are on in this run, how often, and all else.
Plan draw_plan(std::uint64_t seed);

/// As lines of text: `seed 12`, …, `room size=8 …`, `fault 1200000 cut a=1 b=3 length=50000`.
void write_plan(std::ostream& out, const Plan& plan);
/// Throws std::runtime_error, which says which line is wrong.
Plan read_plan(std::istream& in);

}  // namespace hearth::sim
