#pragma once

#include "hearth/publication.hpp"
#include "history/reason.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// What a party of a run writes down (docs/architecture.md, The simulation): one kind an event, with those fields that
/// its line here names. The names are those of the lines in JSON.
enum class RecordKind : std::uint8_t {
  // clients: `who` is a logical client, the same over its connections
  join,    ///< who room gave_position position
  answer,  ///< who room gave_position lost has_position position top
  recv,    ///< who room position hash count (skipped)
  gap,     ///< who room lost position top count (skipped)
  leave,   ///< who room
  close,   ///< who: the connection ended
  plain,   ///< who text key: what a client got that speaks the protocol of Ignis alone; `key` if it is a publication
  stand,   ///< who room position: at the end of the run, of a client that is connected
  // publishers
  send,     ///< who room key hash: each time that it is tried
  acked,    ///< who room key position count (node)
  refused,  ///< who room key: an error; it may have happened all the same
  // nodes
  rolled_back,  ///< who (node) room position (epoch, from) top (to)
  node_gone,    ///< who (node): killed
  // observers of the logs
  retain,    ///< room count (history_size)
  branch,    ///< room position (epoch, first) parent
  entry,     ///< who room position hash key
  excluded,  ///< who (client) room position
  end_top,   ///< room position newest: how the log is at the end of the run
  // the fault driver
  fault,   ///< fault room: begins
  healed,  ///< fault room
  // presence: what a client of a node is shown, and what is true
  shown,       ///< who room top (version): a snapshot, which has nobody until `seen`
  shown_more,  ///< who room top (version) gave_position (what was told before is to be forgotten): a diff
  seen,        ///< who room key (member) count (node): in the snapshot, or joined
  unseen,      ///< who room key: left
  numbers,     ///< who room count (clients) gave_position (they are told by name): ends what was shown
  present,     ///< room key count (node): has come
  absent,      ///< room key: has gone
  dead,        ///< who (node): has sent no beat since
  beat,        ///< who (node): has said to the store that it lives
  heartbeat,   ///< count (of all nodes) top (how much later than by simulated clocks things may come), microseconds
  // bounds
  bound,  ///< text count (value) top (limit)
};

enum class FaultKind : std::uint8_t {
  none,
  unreachable,  ///< the store, for some node: a cut link, a stopped or dead server, out of memory, a stopped node
  store_lost,   ///< a store lost its end: restart with an older file, promotion of a replica that lags
  log_lost,     ///< flushed, meta expired or evicted, erased: nothing is left
  log_evicted,  ///< publications went that the rule would keep: evicted, or too old
  client_slow,  ///< `who` did not read
  two_stores,   ///< what the store was before is served to some nodes still
};

struct Record {
  std::int64_t at = 0;  ///< microseconds, of one clock for all
  Position position{};
  std::uint64_t top = 0;
  std::uint64_t hash = 0;
  std::uint64_t key = 0;
  std::uint64_t count = 0;
  Epoch parent{};  ///< of a branch; of `end_top`, the newest epoch
  std::uint32_t who = 0;
  std::uint32_t room = 0;
  std::uint32_t text = 0;  ///< index in Records::texts
  RecordKind kind = RecordKind::close;
  FaultKind fault = FaultKind::none;
  std::optional<history::Reason> lost{};
  bool gave_position = false;
  bool has_position = true;
};

/// Of one run, by time.
struct Records {
  std::vector<Record> list;
  std::vector<std::string> texts{std::string()};

  std::uint32_t text(std::string text) {
    texts.push_back(std::move(text));
    return static_cast<std::uint32_t>(texts.size() - 1);
  }
};

}  // namespace hearth::test
