#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace hearth::hub {

struct Room;

/// Makes room for one more in a list of which there are many that live long: it grows by a quarter, not to twice the
/// size.
template <class T>
void reserve_tightly(std::vector<T>& list) {
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 4 + 1);
}

/// The rooms that a client is in, with its place in each one's list of members. Takes little memory for a few rooms,
/// and finds one among many as quickly.
class Memberships {
 public:
  /// Packed, since every client has some: 12 bytes and not 16.
  struct [[gnu::packed]] Membership {
    Room* room;
    std::uint32_t place : 31;
    bool asked : 1;  ///< the client has asked for it itself
  };

  std::size_t size() const noexcept { return list_.size(); }
  bool empty() const noexcept { return list_.empty(); }
  const Membership& operator[](std::size_t index) const noexcept { return list_[index]; }
  auto begin() const noexcept { return list_.begin(); }
  auto end() const noexcept { return list_.end(); }

  /// Index of the membership in a room.
  std::optional<std::size_t> find(const Room* room) const;
  /// A room that it is not in yet. What it throws leaves everything as it was.
  void add(Room* room, std::size_t place, bool asked);
  /// How many of them the client has asked for itself.
  std::size_t asked() const noexcept;
  void move(std::size_t index, std::size_t place) noexcept {
    list_[index].place = static_cast<std::uint32_t>(place) & kLargestPlace;
  }
  /// The last one takes the place of what is removed. Gives back memory once it is empty.
  void remove(std::size_t index);

 private:
  static constexpr std::uint32_t kLargestPlace = 0x7fff'ffff;

  using Index = boost::unordered_flat_map<const Room*, std::uint32_t>;

  /// Past this many they are not searched one after the other any more.
  static constexpr std::size_t kMostScanned = 64;

  std::vector<Membership> list_;
  std::unique_ptr<Index> index_;  // of all in the list, if it has been longer than kMostScanned
};

}  // namespace hearth::hub
