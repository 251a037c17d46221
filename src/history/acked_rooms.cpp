#include "history/acked_rooms.hpp"

#include "history/lineage.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hearth::history {

void AckedRooms::acked(std::string_view name, const Position& position, TimePoint now) {
  auto room = find(name);
  if (room == rooms_.end()) {
    if (rooms_.size() == kMostRooms) forget(rooms_.begin());
    room = rooms_.insert(rooms_.end(), {std::string(name), {}, now});
    by_name_.emplace(room->name, room);
  }
  room->acked = now;
  room->leaving = false;
  rooms_.splice(rooms_.end(), rooms_, room);
  const auto span = std::find_if(room->spans.begin(), room->spans.end(),
                                 [&](const Span& candidate) { return candidate.epoch == position.epoch; });
  if (span != room->spans.end()) {
    span->first = std::min(span->first, position.offset);  // a duplicate may be older
    span->last = std::max(span->last, position.offset);
    return;
  }
  // Another epoch: whether all of the one before is still there has to be seen before it may be forgotten.
  if (!room->spans.empty()) to_be_checked(*room);
  if (room->spans.size() == kMostSpans) room->spans.erase(room->spans.begin());
  room->spans.push_back({position.epoch, position.offset, position.offset});
}

void AckedRooms::store_changed() {
  for (Room& room : rooms_) to_be_checked(room);
}

void AckedRooms::log_changed(std::string_view name) {
  if (const auto room = find(name); room != rooms_.end()) to_be_checked(*room);
}

std::vector<std::string> AckedRooms::next(std::size_t most, TimePoint now) {
  for (auto room = rooms_.begin(); room != rooms_.end() && room->acked + life_ <= now; ++room) {
    if (!std::exchange(room->leaving, true)) to_be_checked(*room);
  }
  std::vector<std::string> names;
  if (!std::exchange(any_unchecked_, false)) return names;
  for (auto room = rooms_.begin(); room != rooms_.end() && names.size() < most; ++room) {
    if (!room->unchecked) continue;
    room->unchecked = false;
    for (Span& span : room->spans) span.asked = span.last;
    names.push_back(room->name);
  }
  any_unchecked_ = names.size() == most;
  return names;
}

std::vector<Rollback> AckedRooms::top(std::string_view name, const LogTop& log) {
  std::vector<Rollback> lost;
  const auto room = find(name);
  if (room == rooms_.end()) return lost;
  std::erase_if(room->spans, [&](Span& span) {
    const auto end = end_of(log, span.epoch);
    const bool is_newest = end && span.epoch == newest_epoch(log);
    const std::uint64_t to = is_newest ? span.asked : span.last;  // a branch that has ended gets no more
    const std::uint64_t kept = end.value_or(span.first - 1);
    if (to <= kept) return false;
    lost.push_back({room->name, span.epoch, std::max(kept + 1, span.first), to});
    span.last = kept;  // it may lose more
    return kept < span.first;
  });
  const bool is_done = room->leaving && !room->unchecked;
  if (room->spans.empty() || is_done) forget(room);
  return lost;
}

void AckedRooms::failed(std::string_view name) {
  if (const auto room = find(name); room != rooms_.end()) to_be_checked(*room);
}

void AckedRooms::to_be_checked(Room& room) noexcept { room.unchecked = any_unchecked_ = true; }

void AckedRooms::forget(Rooms::iterator room) {
  by_name_.erase(room->name);
  rooms_.erase(room);
}

AckedRooms::Rooms::iterator AckedRooms::find(std::string_view name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? rooms_.end() : found->second;
}

}  // namespace hearth::history
