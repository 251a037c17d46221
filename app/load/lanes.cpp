#include "load/lanes.hpp"

#include <algorithm>

namespace hearth::load {

Lanes::Lanes(const Plan& plan, Traffic& traffic, unsigned thread)
    : plan_(plan), traffic_(traffic), random_(thread + 1) {
  for (Lane& lane : traffic.lanes) {
    if (lane.thread == thread && !lane.streams.empty()) lanes_.push_back(&lane);
  }
}

void Lanes::start(std::uint64_t now) {
  if (lanes_.empty()) return;
  if (plan_.rate > 0) {
    // Every lane of every thread gets its part of the rate.
    const double part = static_cast<double>(lanes_.size()) / static_cast<double>(traffic_.lanes.size());
    pace_ = Pace(plan_.rate * part, now, std::uniform_real_distribution<>(0, 1)(random_));
  } else {
    complete_ = lanes_;
  }
}

// Chosen first: what the last message waits for must be counted before the first copy can come.
std::vector<std::uint32_t> Lanes::fill(Lane& lane) {
  std::vector<std::uint32_t> streams(plan_.window);
  std::int64_t copies = 0;
  for (auto& stream : streams) {
    stream = pick(lane);
    copies += traffic_.streams[stream].copies;
  }
  lane.outstanding.store(copies, std::memory_order_release);
  return streams;
}

std::uint32_t Lanes::pick(const Lane& lane) {
  if (lane.streams.size() == 1) return lane.streams.front();
  const double at = std::uniform_real_distribution<>(0, lane.shares.back())(random_);
  const auto place = std::upper_bound(lane.shares.begin(), lane.shares.end(), at) - lane.shares.begin();
  return lane.streams[std::min(static_cast<std::size_t>(place), lane.streams.size() - 1)];
}

bool note_arrival(Lane& lane, std::int64_t copies) noexcept {
  return lane.outstanding.fetch_sub(copies, std::memory_order_acq_rel) == copies;
}

}  // namespace hearth::load
