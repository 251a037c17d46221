#pragma once

#include "history/checker/branches.hpp"
#include "history/checker/record.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hearth::test {

/// C7: whether what a client was told of its continuity had a cause. Knows of the faults what has happened so far.
class Alarms {
 public:
  explicit Alarms(std::int64_t aftermath) : aftermath_(aftermath) {}

  struct Case {
    const Record& record;
    const Branches& branches;
    std::optional<std::size_t> branch;  ///< where the client was
    std::uint64_t offset;
    std::uint64_t size;  ///< how much the rule keeps
  };

  void follow(const Record& record);
  /// Why there was no cause; nothing if there was one.
  std::string wrong(const Case& its, history::Reason reason) const;

 private:
  std::string wrong_epoch(const Case& its) const;
  std::string wrong_rollback(const Case& its) const;
  std::string wrong_trimming(const Case& its) const;

  const std::int64_t aftermath_;
  std::map<std::uint32_t, std::int64_t> log_lost_;     // by room: when last
  std::map<std::uint32_t, std::int64_t> log_evicted_;  // by room
  std::map<std::uint32_t, std::uint64_t> tops_;        // by room: the greatest offset so far
  std::map<std::uint32_t, bool> was_slow_;             // by client
  std::optional<std::int64_t> store_lost_;
  int two_stores_ = 0;                             // faults that last
  std::optional<std::int64_t> two_stores_until_;   // the last that was healed
  int unreachable_ = 0;                            // faults that last
  std::optional<std::int64_t> unreachable_until_;  // the last that was healed
};

}  // namespace hearth::test
