#include "history/checker/branches.hpp"

#include "hearth/history.hpp"

namespace hearth::test {

bool Branches::add(Epoch epoch, std::uint64_t first, Epoch parent, std::int64_t at) {
  if (const auto known = find(epoch)) return all_[*known].first == first;
  by_epoch_.emplace(epoch.bits, all_.size());
  all_.push_back({epoch, first, find(parent), at, {}});
  return true;
}

std::optional<std::size_t> Branches::find(Epoch epoch) const {
  if (!all_.empty() && all_.back().epoch == epoch) return all_.size() - 1;
  const auto found = by_epoch_.find(epoch.bits);
  return found == by_epoch_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t Branches::owner(std::size_t branch, std::uint64_t offset) const noexcept {
  while (offset < all_[branch].first && all_[branch].parent) branch = *all_[branch].parent;
  return branch;
}

std::optional<std::uint64_t> Branches::end_on_line(std::size_t branch, std::size_t ancestor) const noexcept {
  std::optional<std::uint64_t> end;
  while (branch != ancestor) {
    if (!all_[branch].parent) return std::nullopt;
    end = all_[branch].first - 1;
    branch = *all_[branch].parent;
  }
  return end;
}

bool Branches::in_lineage(std::size_t branch, std::size_t ancestor) const noexcept {
  for (std::size_t i = 0; i < History::kMostBranches; ++i) {
    if (branch == ancestor) return true;
    if (!all_[branch].parent) return false;
    branch = *all_[branch].parent;
  }
  return false;
}

const Branches::Entry* Branches::entry(std::size_t branch, std::uint64_t offset) const noexcept {
  const Branch& its = all_[owner(branch, offset)];
  if (offset < its.first || offset - its.first >= its.entries.size()) return nullptr;
  const Entry& entry = its.entries[offset - its.first];
  return entry.is_there ? &entry : nullptr;
}

Branches::Entry& Branches::put_entry(std::size_t branch, std::uint64_t offset) {
  Branch& its = all_[branch];
  if (offset - its.first >= its.entries.size()) its.entries.resize(offset - its.first + 1);
  return its.entries[offset - its.first];
}

}  // namespace hearth::test
