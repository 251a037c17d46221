#pragma once

#include <cstdint>

namespace hearth::protocol {

/// Mistakes that one could make in the rules of src/history, and in stores. The simulation makes them on purpose, one
/// at a time, to see that it finds each (tests/sim/mistakes.cpp says what each one is).
enum class Mistake : std::uint8_t {
  none,
  feed_believes_old_page,
  feed_passes_dead_branch,
  feed_ignores_unknown_epoch,
  feed_passes_over_a_hole,
  feed_forgets_known_top,
  feed_keeps_buffer_of_ended_branch,
  feed_excuses_ended_branch,
  feed_misses_trimming,
  feed_stands_in_newest_epoch,
  feed_trusts_renewed_subscription,
  feed_reads_on_after_rollback,
  feed_never_checks_position,
  feed_starts_without_second_read,
  member_cursor_one_short,
  member_cursor_one_far,
  member_page_past_position,
  member_page_of_other_branch,
  member_trusts_own_position,
  member_trusts_own_lineage,
  member_keeps_cursor_over_reset,
  member_falls_behind_at_position,
  member_tail_outlives_reset,
  member_live_before_position,
  shard_hears_former_feed,
  shard_never_tells_epoch,
  presence_takes_late_reports,
};

#if defined(HEARTH_MISTAKES)
/// The one that is made now, in this thread.
inline thread_local Mistake mistake = Mistake::none;
inline bool made(Mistake which) noexcept { return mistake == which; }
#else
/// In the library none is made, and the compiler leaves the question out.
constexpr bool made(Mistake /*which*/) noexcept { return false; }
#endif

}  // namespace hearth::protocol
