#include "history/tail.hpp"

namespace hearth::history {

std::uint32_t TailBudget::enter(Tail& tail) {
  if (free_.empty()) {
    slots_.push_back({&tail});
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot].tail = &tail;
  return slot;
}

void TailBudget::leave(std::uint32_t slot) {
  slots_[slot].tail = nullptr;
  if (slots_[slot].notes == 0) free_.push_back(slot);
}

void TailBudget::added(std::uint32_t slot, std::size_t bytes) {
  by_age_.push(slot);
  ++slots_[slot].notes;
  bytes_ += bytes;
  while (bytes_ > most_) {
    const std::uint32_t oldest = by_age_.front();
    if (!take_stale(oldest)) slots_[oldest].tail->drop_oldest();  // its note is stale now
  }
  constexpr std::size_t kSlack = 1024;
  if (stale_ > kSlack + by_age_.size() / 2) compact();
}

void TailBudget::dropped(std::uint32_t slot, std::size_t bytes) {
  bytes_ -= bytes;
  ++slots_[slot].stale;
  ++stale_;
}

/// Takes the oldest note away if it is of a publication that has gone.
bool TailBudget::take_stale(std::uint32_t slot) {
  Slot& its = slots_[slot];
  if (its.stale == 0) return false;
  by_age_.pop();
  --its.stale;
  --stale_;
  if (--its.notes == 0 && its.tail == nullptr) free_.push_back(slot);
  return true;
}

void TailBudget::compact() {
  for (std::size_t left = by_age_.size(); left > 0; --left) {
    const std::uint32_t slot = by_age_.front();
    if (!take_stale(slot)) by_age_.push(by_age_.pop());
  }
}

void Tail::push(const PublicationPtr& publication) {
  if (most_ == 0) return;
  if (ring_.size() == most_) drop_oldest();
  ring_.push(publication);
  budget_.added(slot_, publication->footprint());
}

void Tail::clear() {
  while (!ring_.empty()) drop_oldest();
  ring_.clear();
}

void Tail::forget_older(std::int64_t time_ms) {
  while (!ring_.empty() && ring_.front()->time_ms() <= time_ms) drop_oldest();
}

std::span<const PublicationPtr> Tail::after(std::uint64_t offset) const noexcept {
  if (ring_.empty()) return {};
  const std::uint64_t first = ring_.front()->position().offset;
  return offset + 1 < first ? std::span<const PublicationPtr>() : ring_.from(offset + 1 - first);
}

void Tail::drop_oldest() { budget_.dropped(slot_, ring_.pop()->footprint()); }

}  // namespace hearth::history
