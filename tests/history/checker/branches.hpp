#pragma once

#include "hearth/publication.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hearth::test {

/// All branches that the log of one room ever had, on whatever server, as a tree: which publications a position means.
class Branches {
 public:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t key = 0;
    std::uint32_t who = 0;
    bool is_there = false;
  };

  struct Branch {
    Epoch epoch;
    std::uint64_t first = 1;
    std::optional<std::size_t> parent;
    std::int64_t since = 0;
    std::vector<Entry> entries;  // from `first` on
  };

  /// False if it is there already with another beginning.
  bool add(Epoch epoch, std::uint64_t first, Epoch parent, std::int64_t at);
  std::optional<std::size_t> find(Epoch epoch) const;
  const std::vector<Branch>& all() const noexcept { return all_; }

  /// The branch in which the publication with this offset lies, on the line that ends with `branch`.
  std::size_t owner(std::size_t branch, std::uint64_t offset) const noexcept;
  /// Whether `position` is on the line that ends with `branch`.
  bool is_on_line(std::size_t branch, std::size_t position_branch, std::uint64_t offset) const noexcept {
    return owner(branch, offset) == owner(position_branch, offset);
  }
  /// The last offset of `ancestor` on the line that ends with `branch`; nothing if it is not on it, or is the branch.
  std::optional<std::uint64_t> end_on_line(std::size_t branch, std::size_t ancestor) const noexcept;
  /// Whether `epoch` is among the last branches of the line, as many as a lineage has.
  bool in_lineage(std::size_t branch, std::size_t ancestor) const noexcept;

  /// Null if the log never had it.
  const Entry* entry(std::size_t branch, std::uint64_t offset) const noexcept;
  Entry& put_entry(std::size_t branch, std::uint64_t offset);

 private:
  std::vector<Branch> all_;
  std::unordered_map<std::uint64_t, std::size_t> by_epoch_;
};

}  // namespace hearth::test
