#include "history/lineage.hpp"

#include <algorithm>

namespace hearth::history {

std::optional<std::uint64_t> end_of(const LogTop& log, Epoch epoch) noexcept {
  for (std::size_t i = log.lineage.size(); i-- > 0;) {
    if (log.lineage[i].epoch != epoch) continue;
    return i + 1 < log.lineage.size() ? log.lineage[i + 1].first - 1 : log.top.offset;
  }
  return std::nullopt;
}

Epoch epoch_at(const LogTop& log, std::uint64_t offset) noexcept {
  for (std::size_t i = log.lineage.size(); i-- > 1;) {
    if (log.lineage[i].first <= offset) return log.lineage[i].epoch;
  }
  return log.lineage.front().epoch;
}

bool knows(const LogTop& log, Epoch epoch) noexcept {
  return std::any_of(log.lineage.begin(), log.lineage.end(),
                     [epoch](const Branch& branch) { return branch.epoch == epoch; });
}

void begin_branch(LogTop& log, Epoch epoch) {
  const std::uint64_t first = log.top.offset + 1;
  if (log.lineage.size() > 1 && log.lineage.back().first == first) log.lineage.pop_back();
  log.lineage.push_back({epoch, first});
  if (log.lineage.size() > History::kMostBranches) log.lineage.erase(log.lineage.begin());
  log.top.epoch = epoch_at(log, log.top.offset);
}

}  // namespace hearth::history
