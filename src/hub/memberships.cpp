#include "hub/memberships.hpp"

#include <algorithm>

namespace hearth::hub {

std::optional<std::size_t> Memberships::find(const Room* room) const {
  if (index_) {
    const auto found = index_->find(room);
    return found == index_->end() ? std::nullopt : std::optional<std::size_t>(found->second);
  }
  const auto found = std::find_if(begin(), end(), [room](const Membership& one) { return one.room == room; });
  return found == end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - begin()));
}

void Memberships::add(Room* room, std::size_t place, bool asked) {
  reserve_tightly(list_);
  if (index_) {
    index_->emplace(room, static_cast<std::uint32_t>(list_.size()));
  } else if (list_.size() == kMostScanned) {
    auto index = std::make_unique<Index>();
    // Nothing can refer to a packed member: `+` makes a copy.
    for (const Membership& one : list_) index->emplace(+one.room, static_cast<std::uint32_t>(index->size()));
    index->emplace(room, static_cast<std::uint32_t>(list_.size()));
    index_ = std::move(index);
  }
  list_.push_back({room, static_cast<std::uint32_t>(place) & kLargestPlace, asked});
}

std::size_t Memberships::asked() const noexcept {
  return static_cast<std::size_t>(std::count_if(begin(), end(), [](const Membership& one) { return one.asked; }));
}

void Memberships::remove(std::size_t index) {
  if (index_) {
    index_->at(+list_.back().room) = static_cast<std::uint32_t>(index);
    index_->erase(+list_[index].room);
  }
  list_[index] = list_.back();
  list_.pop_back();
  if (!list_.empty()) return;
  list_.shrink_to_fit();
  index_.reset();
}

}  // namespace hearth::hub
