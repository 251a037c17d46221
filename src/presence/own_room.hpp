#pragma once

#include "presence/report.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace hearth::presence {

/// The members of a room on this instance, and what of them is still to be said to the others. Changes are gathered: of
/// one who comes and goes in the meantime nothing is said. For one thread at a time.
class OwnRoom {
 public:
  /// `lists`: members are told of, unless there are more than `limit`. `version`: of the last report of a room of this
  /// name, or a later one.
  OwnRoom(bool lists, std::size_t limit, std::uint64_t version) noexcept
      : version_(version), limit_(limit), lists_(lists), is_listed_(lists) {}

  void join(const MemberPtr& member);
  void leave(const ClientId& id);

  /// What is to be written and said now; nothing if nothing has changed, or a report is under way. One that failed
  /// comes again as it was: whoever has heard it drops it by its version. `told`: numbers, where only these are told.
  std::optional<Report> next(const Counts& told);
  void written();
  void failed() noexcept;
  /// The store may have lost what it had, or others what they knew: everything once more.
  void repeat() noexcept { whole_ = true; }

  /// Whether nobody is here and the others have been told.
  bool is_done() const noexcept {
    return members_.empty() && !under_way_ && joined_.empty() && left_.empty() && !owes_ && !whole_;
  }
  std::uint64_t version() const noexcept { return version_; }
  const std::map<ClientId, MemberPtr, ById>& members() const noexcept { return members_; }

 private:
  bool has_news(const Counts& now) const noexcept;
  Counts counts(const Counts& told) const noexcept;
  Report make_report(const Counts& now);

  std::map<ClientId, MemberPtr, ById> members_;
  boost::unordered_flat_map<std::string, std::size_t> users_;  // clients of each
  // since the last report
  std::map<ClientId, MemberPtr, ById> joined_;
  std::set<ClientId, ById> left_;
  std::optional<Report> under_way_;
  Counts reported_{};
  std::uint64_t version_;
  const std::size_t limit_;
  const bool lists_;
  bool is_listed_;
  bool awaits_ = false;
  bool whole_ = false;
  bool has_said_ = false;  // anything: the first report takes the place of what an earlier room has left in the store
  bool owes_ = false;      // what was reported is not that nobody is here
};

}  // namespace hearth::presence
