#pragma once

#include "hearth/history.hpp"

#include <cstdint>
#include <optional>

// Questions about a log of which a LogTop is known, which has at least one branch.
namespace hearth::history {

/// The last offset of an epoch: one before the next branch, or the top. Nothing if the lineage does not know it.
std::optional<std::uint64_t> end_of(const LogTop& log, Epoch epoch) noexcept;

/// The epoch of the publication with this offset; where there is none, of the one before it. What lies before the first
/// branch that is still known is counted to that: its history is the same.
Epoch epoch_at(const LogTop& log, std::uint64_t offset) noexcept;

inline Position position_at(const LogTop& log, std::uint64_t offset) noexcept {
  return {epoch_at(log, offset), offset};
}

inline Epoch newest_epoch(const LogTop& log) noexcept { return log.lineage.back().epoch; }

/// Whether the top of a log was told at all: that of another one may be while its store is away.
inline bool is_told(const LogTop& log) noexcept { return log.top.offset <= Position::kMostOffset; }
/// One that was not.
inline LogTop untold_top() { return {{{}, Position::kMostOffset + 1}, {}}; }

bool knows(const LogTop& log, Epoch epoch) noexcept;

/// Takes a new branch into a lineage that begins one past the top. One without publications gives way to it, for no
/// position names it; but for the first, which those have who came when the log was empty.
void begin_branch(LogTop& log, Epoch epoch);

}  // namespace hearth::history
