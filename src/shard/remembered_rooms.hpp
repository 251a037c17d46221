#pragma once

#include "hearth/history.hpp"
#include "hearth/options.hpp"
#include "history/audience.hpp"
#include "hub/hub.hpp"
#include "net/loop.hpp"
#include "shard/feed_desk.hpp"
#include "shard/letter.hpp"
#include "shard/outlet.hpp"
#include "shard/positions.hpp"
#include "shard/remembered_room.hpp"
#include "shard/remembering.hpp"
#include "shard/staged_replays.hpp"
#include "shard/stalls.hpp"
#include "shard/subscriptions.hpp"
#include "shard/tally.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// The rooms of a shard that remember, and others whose rule says what becomes of members who read slowly: what they
/// hear from their feeds and read from their logs, and what they have in common. The shard's thread alone.
class RememberedRooms final : public hub::Memories {
 public:
  /// All of it outlives this object, but for `hub` and `outlet`, which are used only while the shard turns.
  struct Around {
    const Options& options;
    const Remembering& remembering;
    FeedDesk* feeds;   ///< null if no room remembers
    History* history;  ///< the same
    std::shared_ptr<ShardMailbox> mailbox;
    net::Loop& loop;
    const hub::Hub& hub;
    Outlet& outlet;
    Subscriptions& subscriptions;
    Tally& tally;
    std::size_t shards;  ///< that share the cache
    /// Called for each client to which `position` has had everything said, not in the middle of anything.
    std::function<void(const protocol::ClientId&)> located;
  };

  RememberedRooms(Around around, std::uint8_t shard);
  ~RememberedRooms() override;

  // hub::Memories
  std::unique_ptr<hub::Memory> memory_of(hub::Room& room) override;
  bool retire(hub::Room& room) override;

  // What comes:

  /// From the feed of the room with this ticket: `say(Audience&, const Moment&)`. Nothing if it is gone.
  template <class Say>
  void hear(std::uint32_t ticket, const Say& say) {
    const auto room = rooms_.find(ticket);
    if (room == rooms_.end()) return;
    say(room->second->audience(), moment());
    if (room->second->audience().is_open()) ready(ticket);
    note_deadline(*room->second);
    settle();
  }
  void pass(const Passed& passed);
  /// What was read of a log.
  void page(std::uint32_t ticket, std::uint64_t number, const Result<LogPage>& page);
  /// Nothing waits any more for a client of `await_emptied`.
  void emptied(hub::Client& client);
  void expire();
  /// When `expire` is to be called.
  std::optional<net::TimePoint> next() const noexcept;

  // What members want:

  /// The room, if it is here and has a memory.
  RememberedRoom* find(std::string_view room) const;
  /// Where a client stands in rooms that it is a member of; `then` may be called before this returns. The rooms are
  /// different ones, at least one.
  void position(hub::Client& client, const std::vector<std::pair<std::string, history::Since>>& rooms,
                Positions::Then then);
  /// The rule of a room that remembers, wherever its members are; null if it does not.
  RulePtr rule_of(std::string_view room) const;
  /// `done` may be called before this returns, on this thread in any case.
  void append(const hearth::Publication& publication, const RoomRule& rule, std::string_view idempotency_key,
              Done<Appended> done);
  /// `done` comes by mail.
  void read(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done);

  /// The client has gone. True if `then` will not be called, which it would have been.
  bool forget(const protocol::ClientId& client) { return positions_.forget(client); }

  // For the rooms:

  void begun(RememberedRoom& room, std::string_view name);
  void ended(RememberedRoom& room, std::string_view name);
  void confirm(const RememberedRoom& room, std::string_view name, std::uint32_t number);
  history::Moment moment() const;
  const Options& options() const noexcept { return around_.options; }
  const hub::Hub& hub() const noexcept { return around_.hub; }
  net::Loop& loop() noexcept { return around_.loop; }
  Outlet& outlet() noexcept { return around_.outlet; }
  Positions& positions() noexcept { return positions_; }
  history::PageReads& reads() noexcept { return reads_; }
  history::TailBudget& tails() noexcept { return tails_; }
  std::vector<hub::Client*>& slow() noexcept { return slow_; }
  /// It is behind: has `emptied` called when it has taken what waits for it, and closes it if it takes nothing.
  void await_emptied(hub::Client& client);
  /// However much is waiting for it.
  void send_whole(hub::Client& client, std::span<const std::string_view> pieces);
  /// The same for a publication as all get it who miss it, whose text is `pieces`.
  void replay(hub::Client& client, const PublicationPtr& publication, std::span<const std::string_view> pieces);
  /// Messages to clients whose outbound transformer is the application's, which may do anything, so only when nobody is
  /// in the middle of a list of members.
  void to_transform(const hub::Client& client, std::span<const std::string_view> pieces);
  void transform_later();

 private:
  /// How long a join waits for a room's feed, which may be waiting for the log.
  static constexpr std::chrono::seconds kPatience{10};

  /// A room whose feed has not said anything yet: what is published in it now its members would not get.
  struct Opening {
    std::uint64_t subscription;
    std::chrono::steady_clock::time_point until;
  };

  history::Opener opener(const RememberedRoom& room) const noexcept { return {shard_, room.ticket()}; }
  void note_deadline(RememberedRoom& room) { deadline_ = std::min(deadline_, room.audience().next_deadline()); }
  void ready(std::uint32_t ticket);
  void drained(hub::Client& client);
  void settle();
  void release();
  void read_pages();

  const Around around_;
  const std::uint8_t shard_;
  history::PageReads reads_;
  history::TailBudget tails_;
  Positions positions_;
  StagedReplays replays_;
  Stalls stalls_;
  boost::unordered_flat_map<std::uint32_t, RememberedRoom*> rooms_;  // by ticket
  boost::unordered_flat_map<std::uint32_t, Opening> opening_;
  std::uint32_t last_ticket_ = 0;
  std::chrono::steady_clock::time_point deadline_ =
      std::chrono::steady_clock::time_point::max();                       // of any room, at most
  std::vector<hub::Client*> slow_;                                        // of the publication that is being published
  std::vector<std::pair<protocol::ClientId, std::string>> to_transform_;  // texts
};

}  // namespace hearth::shard
