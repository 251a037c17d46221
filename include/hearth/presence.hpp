#pragma once

#include "hearth/export.hpp"
#include "hearth/history.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Which members of a room are wanted, page by page.
struct PresenceQuery {
  std::string after{};      ///< the `next` of the page before; empty: the first page
  std::size_t limit = 100;  ///< most members of a page, 1 to kMostListed
};

/// Somebody in a room.
struct PresentMember {
  std::string id{};                      ///< client id
  std::optional<std::string> user_id{};  ///< nothing: it has none
  boost::json::value info{};             ///< Identity::info; null if there is none
};

/// Who is in a room whose rule has presence (docs/presence.md), as its members are told.
struct PresencePage {
  std::uint64_t version = 0;  ///< one higher with each change that was told here; 0: nobody is there
  std::uint64_t clients = 0;
  std::uint64_t users = 0;
  /// Nothing: the rule says `count`, or there are more than its `presence_limit`.
  std::optional<std::vector<PresentMember>> members{};
  std::string next{};  ///< empty: this is the last page
  bool stale = false;  ///< this instance is cut off from the others, and says what it last knew of them
};

// What instances say to each other of who is in rooms.

/// Somebody in a room, as it is kept for the others.
struct KeptMember {
  std::string id{};    ///< client id
  std::string user{};  ///< empty: it has none
  std::string info{};  ///< JSON; empty: it has none
};

/// What an instance has to say of its members in a room, since its last report or as a whole.
struct PresenceReport {
  std::string room{};
  std::uint64_t version = 0;  ///< one higher each time
  std::uint64_t clients = 0;  ///< 0: nobody is there any more, and nothing of it is to be kept
  std::uint64_t users = 0;
  bool is_listed = false;  ///< members are told of, and not only numbers
  bool is_whole = false;   ///< `joined` are all
  std::vector<KeptMember> joined{};
  std::vector<std::string> left{};  ///< client ids
};

/// What is kept of an instance in a room.
struct PresenceEntry {
  std::string instance{};  ///< by its Broker::instance_id
  std::uint64_t version = 0;
  std::uint64_t clients = 0;
  std::uint64_t users = 0;
  std::vector<KeptMember> members{};  ///< fewer than `clients`: numbers alone are told
};

/// Which instances live.
struct LivingInstances {
  std::vector<std::string> instances{};  ///< by their Broker::instance_id; this one too
  bool was_missing = false;              ///< this one was not among them until now, or what it has said may be lost
};

/// What the instances that a broker joins have in common of who is in rooms (docs/presence.md). What every
/// implementation owes:
///
/// 1. An instance lives for as long as it said last, by one clock for all.
/// 2. What is written is kept for 15 minutes, and reaches every sink that watches the room, in order, at most once.
/// 3. A read has what was written before it, of those that live.
/// 4. A report that comes after one of the same instance and room with a higher version changes nothing: it may have
///    been under way when a connection broke, and have been sent again over the next.
///
/// Threads: every member may be called from any. `done` comes once, from a thread of the broker's or the caller's,
/// never under a lock; it must be quick and must not throw. Nothing waits: while the store cannot be reached everything
/// is HistoryError::unavailable.
class HEARTH_API Presence {
 public:
  virtual ~Presence() = default;

  /// With a `life`, this instance says that it lives for so long.
  virtual void look(std::optional<std::chrono::milliseconds> life, Done<LivingInstances> done) = 0;
  virtual void write(const PresenceReport& report, Done<void> done) = 0;
  virtual void read(std::string_view room, Done<std::vector<PresenceEntry>> done) = 0;
  /// Forgets what is kept of an instance in a room, unless it lives.
  virtual void forget(std::string_view room, std::string_view instance) = 0;
  /// Has the sink told what others write. Each watch is taken back by one `unwatch`.
  virtual void watch(std::string_view room) = 0;
  virtual void unwatch(std::string_view room) = 0;
};

}  // namespace hearth
