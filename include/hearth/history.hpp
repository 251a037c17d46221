#pragma once

#include "hearth/export.hpp"
#include "hearth/publication.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace hearth {

/// Why a log did not do what it was asked.
enum class HistoryError {
  /// It could not be reached for a while; an append may have happened, and can be repeated with its key.
  unavailable = 1,
  not_replicated,  ///< appended, but too few replicas have confirmed it in time
  too_large,       ///< past History::kMostPublicationSize
  refused,         ///< the store will not do it: out of memory, no permission
  no_history,      ///< the room's rule has it keep none (Server::history)
};

HEARTH_API const std::error_category& history_category() noexcept;
inline std::error_code make_error_code(HistoryError error) noexcept {
  return {static_cast<int>(error), history_category()};
}

}  // namespace hearth

template <>
struct std::is_error_code_enum<hearth::HistoryError> : std::true_type {};

namespace hearth {

template <class T>
using Result = boost::system::result<T, std::error_code>;

/// Called once with what became of a request.
template <class T>
using Done = std::function<void(Result<T>)>;

/// A part of a log without a break in it. It ends where the next branch begins; the newest at the top.
struct Branch {
  Epoch epoch{};
  std::uint64_t first = 0;  ///< offset of its first publication, whether there is one yet or not

  bool operator==(const Branch&) const = default;
};

/// How much of a room is kept.
struct Retention {
  std::uint32_t size = 0;           ///< publications, at least
  std::chrono::milliseconds ttl{};  ///< and how long, at most
};

/// What an append has come to.
struct Appended {
  Position position{};     ///< offset 0: a duplicate whose place is not known
  bool duplicate = false;  ///< it was there already
};

/// Where a log ends, and of what branches it is made.
struct LogTop {
  Position top{};                 ///< of the newest publication; its epoch is that of the branch which it lies in
  std::vector<Branch> lineage{};  ///< the last History::kMostBranches, oldest first; none if there is no log

  bool operator==(const LogTop&) const = default;
};

/// A picture of a log at one moment.
struct LogPage {
  LogTop log{};
  std::vector<PublicationPtr> publications{};
};

/// The logs of rooms that remember (docs/recovery.md). What every implementation owes:
///
/// 1. The offsets of a log have no holes, and its order is that of the appends and that in which publications reach the
///    sinks. What one thread appends to one room stays in its order.
/// 2. An append happens once, whatever becomes of the link to the store, for as long as this process lives: what is not
///    confirmed is sent again, and recognised if it is there.
/// 3. A position that was told to anybody never comes to mean another publication. If the store may have lost the end
/// of
///    a log, the next append or read begins a branch with a new, random epoch one past what is left.
/// 4. A read is one picture of top, lineage and publications. The publications follow one another without a hole, from
///    the first after `after` that is kept. A page ends early only at `count` and at kMostPageSize.
/// 5. A publication reaches every sink that is subscribed to its room, the publisher's own too, at most once.
/// 6. A read of a room that has no log begins one.
///
/// Threads: every member may be called from any. `done` comes once, from a thread of the broker's (the local broker's
/// own is the caller's), for one room in the order in which it was asked, never under a lock; it must be quick and must
/// not throw. Nothing waits. Before the broker is started and after it is stopped everything is `unavailable`.
class HEARTH_API History {
 public:
  static constexpr std::size_t kMostBranches = 8;
  static constexpr std::size_t kMostPageSize = std::size_t{256} * 1024;  ///< bytes of StoredPublication::text
  static constexpr std::size_t kMostPublicationSize = std::size_t{64} * 1024 * 1024;  ///< bytes of its texts together

  virtual ~History() = default;

  /// `position` of the publication is not looked at. The log's retention is that of its last append.
  /// With an idempotency key, which has the scope that it counts for in it, the second append of a room within five
  /// minutes does nothing and is told the first one's position.
  virtual void append(const Publication& publication, const Retention& retention, std::string_view idempotency_key,
                      Done<Appended> done) = 0;
  /// What comes after an offset: at most `count`, and once there is one, no more than fit into kMostPageSize.
  /// Count 0: the top alone.
  virtual void read(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) = 0;
  /// In the order of `rooms`; of one that cannot be asked now, an offset past kMostOffset. Begins no log and no branch.
  virtual void tops(std::vector<std::string> rooms, Done<std::vector<LogTop>> done) = 0;
  /// Forgets a log. What comes next has a new epoch.
  virtual void erase(std::string_view room, Done<void> done) = 0;
};

}  // namespace hearth
