#pragma once

#include <cstdint>

namespace hearth::presence {

/// Mistakes that one could make in the rules of this folder. The simulation makes them on purpose, one at a time, to
/// see that it finds each (tests/sim/mistakes.cpp says what each one is).
enum class Mistake : std::uint8_t {
  none,
  judges_at_once,
  judges_over_an_emptied_store,
  misses_a_version_jump,
  keeps_the_dead,
  forgets_the_missing_at_once,
  reads_older_entries,
  drops_failed_reports,
  counts_versions_anew,
  trusts_a_renewed_watch,
  keeps_silent_after_missing,
  forgets_to_read_again,
  tells_who_has_gone_again,
};

#if defined(HEARTH_MISTAKES)
/// The one that is made now, in this thread.
inline thread_local Mistake mistake = Mistake::none;
inline bool made(Mistake which) noexcept { return mistake == which; }
#else
/// In the library none is made, and the compiler leaves the question out.
constexpr bool made(Mistake /*which*/) noexcept { return false; }
#endif

}  // namespace hearth::presence
