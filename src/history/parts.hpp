#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace hearth::history {

/// How the members of a room on a shard stand in its list: first those with a cursor, in the order of the cursors, then
/// those who are live, then the plain ones, who get no positions. So a publication is one loop over each part, without
/// a test a member, and a cursor's index is its member's place.
///
/// `list` is any vector; whoever comes to stand elsewhere is told by `moved(member, place)`.
class Parts {
 public:
  std::size_t cursors() const noexcept { return cursors_; }
  /// Where the live ones begin and end; the plain ones are the rest.
  std::size_t live_begin() const noexcept { return cursors_; }
  std::size_t live_end() const noexcept { return live_end_; }
  bool is_plain(std::size_t place) const noexcept { return place >= live_end_; }

  /// At the end of the plain ones.
  template <class List, class Member, class Moved>
  void add(List& list, Member member, Moved moved) {
    list.push_back(member);
    moved(member, list.size() - 1);
  }

  /// Behind the last with a cursor. From any part but that.
  template <class List, class Moved>
  void give_cursor(List& list, std::size_t place, Moved moved) {
    if (is_plain(place)) {
      swap(list, place, live_end_, moved);
      place = live_end_++;
    }
    swap(list, place, cursors_++, moved);
  }

  /// Among the live ones, from those with a cursor, whose last one takes its place.
  template <class List, class Moved>
  void make_live(List& list, std::size_t place, Moved moved) {
    swap(list, place, --cursors_, moved);
  }

  /// Among the plain ones, from those with a cursor, whose last one takes its place.
  template <class List, class Moved>
  void make_plain(List& list, std::size_t place, Moved moved) {
    swap(list, place, --cursors_, moved);
    swap(list, cursors_, --live_end_, moved);
  }

  /// Removed from the list, from any part; the last with a cursor takes the place of one with a cursor.
  template <class List, class Moved>
  void remove(List& list, std::size_t place, Moved moved) {
    if (place < cursors_) {
      swap(list, place, --cursors_, moved);
      place = cursors_;
    }
    if (place < live_end_) {
      swap(list, place, --live_end_, moved);
      place = live_end_;
    }
    swap(list, place, list.size() - 1, moved);
    list.pop_back();
  }

 private:
  template <class List, class Moved>
  static void swap(List& list, std::size_t one, std::size_t other, Moved& moved) {
    if (one == other) return;
    std::swap(list[one], list[other]);
    moved(list[one], one);
    moved(list[other], other);
  }

  std::uint32_t cursors_ = 0;
  std::uint32_t live_end_ = 0;
};

}  // namespace hearth::history
