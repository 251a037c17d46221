#pragma once

#include "history/checker/branches.hpp"
#include "history/checker/record.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearth::test {

/// C5 and C6: what publishers are owed.
class PublisherRules {
 public:
  using Report = std::function<void(std::string_view rule, std::string what)>;

  // learned ahead
  void sent(const Record& record);
  void refused(const Record& record) { refused_.insert({record.room, record.key}); }
  void told(const Record& record) { told_.push_back(record); }
  void gone(const Record& record) { gone_.insert(static_cast<std::uint32_t>(record.who)); }

  // in its order
  void acked(const Record& record, const Branches& branches, const Report& report);

  /// `end`: branch and top at the end of the run.
  template <class Place>
  void end(std::uint32_t room, const Branches& branches, const std::optional<Place>& end, const Report& report) const {
    check_keys(room, branches, report);
    if (!end) return;
    check_acked(room, branches, end->branch, end->offset, report);
    check_order(room, branches, end->branch, end->offset, report);
  }

 private:
  using Key = std::pair<std::uint32_t, std::uint64_t>;  // room and key
  struct Sends {
    std::int64_t first;
    std::int64_t last;
  };

  /// Appended again after a branch with it was lost: late, perhaps, and by a node that the publisher has left.
  static bool is_repeated(const Branches& branches, std::uint64_t key);
  void check_keys(std::uint32_t room, const Branches& branches, const Report& report) const;
  void check_acked(std::uint32_t room, const Branches& branches, std::size_t branch, std::uint64_t top,
                   const Report& report) const;
  void check_order(std::uint32_t room, const Branches& branches, std::size_t branch, std::uint64_t top,
                   const Report& report) const;
  bool node_was_told(const Record& acked) const;

  std::map<Key, Sends> sends_;
  std::set<Key> refused_;
  std::vector<Record> told_;
  std::set<std::uint32_t> gone_;
  std::vector<Record> acked_;
};

}  // namespace hearth::test
