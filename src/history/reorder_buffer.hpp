#pragma once

#include "hearth/publication.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hearth::history {

/// How many bytes all reorder buffers of a node hold together.
struct ReorderBudget {
  std::size_t left = std::size_t{16} * 1024 * 1024;
};

/// Publications that came before others that are missing, in the order of their offsets. Bounded; one that finds no
/// room is not kept, for the log has it.
class ReorderBuffer {
 public:
  static constexpr std::size_t kMostPublications = 256;
  static constexpr std::size_t kMostBytes = std::size_t{256} * 1024;

  explicit ReorderBuffer(ReorderBudget& budget) noexcept : budget_(budget) {}
  ~ReorderBuffer() { clear(); }
  ReorderBuffer(const ReorderBuffer&) = delete;
  ReorderBuffer& operator=(const ReorderBuffer&) = delete;

  bool empty() const noexcept { return publications_.empty(); }
  std::size_t size() const noexcept { return publications_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

  void keep(PublicationPtr publication) {
    const std::uint64_t offset = publication->position().offset;
    const auto at = std::lower_bound(publications_.begin(), publications_.end(), offset, &ReorderBuffer::is_before);
    if (at != publications_.end() && (*at)->position().offset == offset) return;
    const std::size_t size = publication->footprint();
    const bool fits = publications_.size() < kMostPublications && bytes_ + size <= kMostBytes && size <= budget_.left;
    if (!fits) return;
    bytes_ += size;
    budget_.left -= size;
    publications_.insert(at, std::move(publication));
  }

  /// Takes out the publication with this offset, and forgets those below; null if there is none.
  PublicationPtr take(std::uint64_t offset) {
    const auto at = std::lower_bound(publications_.begin(), publications_.end(), offset, &ReorderBuffer::is_before);
    PublicationPtr taken;
    auto end = at;
    if (at != publications_.end() && (*at)->position().offset == offset) {
      taken = *at;
      ++end;
    }
    std::for_each(publications_.begin(), end, [this](const PublicationPtr& gone) { give_back(gone); });
    publications_.erase(publications_.begin(), end);
    return taken;
  }

  /// Forgets those of all epochs but one.
  void keep_only(Epoch epoch) {
    const auto end = std::remove_if(publications_.begin(), publications_.end(), [&](const PublicationPtr& publication) {
      if (publication->position().epoch == epoch) return false;
      give_back(publication);
      return true;
    });
    publications_.erase(end, publications_.end());
  }

  void clear() noexcept {
    budget_.left += bytes_;
    bytes_ = 0;
    publications_.clear();
  }

 private:
  static bool is_before(const PublicationPtr& publication, std::uint64_t offset) noexcept {
    return publication->position().offset < offset;
  }
  void give_back(const PublicationPtr& publication) noexcept {
    bytes_ -= publication->footprint();
    budget_.left += publication->footprint();
  }

  ReorderBudget& budget_;
  std::vector<PublicationPtr> publications_;
  std::size_t bytes_ = 0;
};

}  // namespace hearth::history
