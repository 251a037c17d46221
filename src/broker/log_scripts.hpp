#pragma once

#include <string_view>

// What Redis does to the log of a room, in one step each: Lua 5.1, for Redis 6.2 and later. What the keys hold, and
// how others than Hearth append, is in docs/protocol.md, section 3.
namespace hearth::broker {

/// KEYS meta, log [, once]. ARGV:
///  1 run id of the server process; '': not to be compared
///  2 a new epoch, in case one is needed
///  3 publications to keep   4 for how long, ms   5 life of the meta, ms
///  6 channel   7 envelope without its last brace   8 when it was published, ms since 1970
///  9 field of the publisher   10 its sequence; '': it does not count   11 the sequence that has to be there; 0: none
/// 12 life of the idempotency key, ms   13 now, ms since 1970
/// 14… four for each further publication, without KEYS once: its 7, 8, 10 and 11
///
/// Returns {what, epoch, offset, branch, retention, …}, five for each publication. `what` is 'new'; 'seen' if it is
/// there already, with epoch and offset '' if its place is not known; or 'order' if the one before it is missing.
/// `branch` is '1' if this began a branch of a log that there was. `retention` is the one before as 'size ttl', if this
/// changed it.
extern const std::string_view kAppendScript;

/// KEYS meta, log. ARGV 1 run id, 2 a new epoch, 3 after, 4 count, 5 life of the meta, ms, 6 now, ms since 1970,
/// 7 bytes past which no more entries are given.
///
/// Returns {epoch, top, lineage, branch, {offset, envelope, time, …}}. Makes the epoch of a room that has none, and a
/// new one on another server process than the one that began the last.
extern const std::string_view kReadScript;

}  // namespace hearth::broker
