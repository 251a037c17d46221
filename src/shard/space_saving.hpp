#pragma once

#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// The names that were counted most, of any number of them, in bounded memory: the Space-Saving sketch of Metwally,
/// Agrawal and El Abbadi ("Efficient computation of frequent and top-k elements in data streams", 2005). A name that is
/// new takes the place of the one that was counted least, and its count over, as an error. So no count is too small,
/// and whoever has more than a 256th of all is here.
class SpaceSaving {
 public:
  static constexpr std::size_t kMost = 256;

  struct Entry {
    std::string name{};
    std::uint64_t count = 0;
    std::uint64_t error = 0;  ///< how much of it may be others'
  };

  SpaceSaving() = default;
  SpaceSaving(const SpaceSaving&) = delete;
  SpaceSaving& operator=(const SpaceSaving&) = delete;

  void add(std::string_view name, std::uint64_t count) {
    if (const auto found = slots_.find(name); found != slots_.end()) {
      entries_[found->second].count += count;
      return sink(places_[found->second]);
    }
    if (heap_.size() < kMost) return add_new(name, count);
    const std::size_t slot = heap_.front();
    Entry& least = entries_[slot];
    slots_.erase(std::string_view(least.name));
    least.name.assign(name);
    least.error = least.count;
    least.count += count;
    slots_.emplace(std::string_view(least.name), slot);
    sink(0);
  }

  /// Counts half of all that was counted. Forgets of whom nothing is left.
  void halve() {
    std::vector<Entry> left;
    for (const std::size_t slot : heap_) {
      Entry& entry = entries_[slot];
      entry.count /= 2;
      entry.error /= 2;
      if (entry.count > 0) left.push_back(std::move(entry));
    }
    clear();
    for (Entry& entry : left) {
      add_new(entry.name, entry.count);
      entries_[heap_.size() - 1].error = entry.error;
    }
  }

  void clear() noexcept {
    slots_.clear();
    heap_.clear();
  }

  /// In no order.
  std::vector<Entry> entries() const {
    std::vector<Entry> all;
    all.reserve(heap_.size());
    for (const std::size_t slot : heap_) all.push_back(entries_[slot]);
    return all;
  }

 private:
  /// As the next slot, which is so only while nothing was removed.
  void add_new(std::string_view name, std::uint64_t count) {
    const std::size_t slot = heap_.size();
    entries_[slot].name.assign(name);
    entries_[slot].count = count;
    entries_[slot].error = 0;
    slots_.emplace(std::string_view(entries_[slot].name), slot);
    heap_.push_back(slot);
    places_[slot] = slot;
    rise(slot);
  }

  std::uint64_t count_at(std::size_t place) const noexcept { return entries_[heap_[place]].count; }
  void swap(std::size_t a, std::size_t b) noexcept {
    std::swap(heap_[a], heap_[b]);
    places_[heap_[a]] = a;
    places_[heap_[b]] = b;
  }
  void rise(std::size_t place) noexcept {
    for (; place > 0 && count_at(place) < count_at((place - 1) / 2); place = (place - 1) / 2) {
      swap(place, (place - 1) / 2);
    }
  }
  void sink(std::size_t place) noexcept {
    for (;;) {
      std::size_t least = place;
      for (const std::size_t child : {2 * place + 1, 2 * place + 2}) {
        if (child < heap_.size() && count_at(child) < count_at(least)) least = child;
      }
      if (least == place) return;
      swap(place, least);
      place = least;
    }
  }

  std::array<Entry, kMost> entries_{};       // whose names the keys of slots_ point to
  std::vector<std::size_t> heap_;            // slots, by count, the least first
  std::array<std::size_t, kMost> places_{};  // of each slot in the heap
  boost::unordered_flat_map<std::string_view, std::size_t, protocol::NameHash> slots_;
};

}  // namespace hearth::shard
