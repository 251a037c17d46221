#pragma once

#include "hearth/room_rule.hpp"
#include "history/audience.hpp"
#include "hub/hub.hpp"
#include "shard/publication.hpp"
#include "shard/remembering.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

class RememberedRooms;

/// A room that remembers, on a shard, or one without a log whose rule says what becomes of members who read slowly:
/// does with its members what the room's audience decides. Without a log it counts what is published itself. The
/// shard's thread alone.
class RememberedRoom final : public hub::Memory, public history::AudienceHost {
 public:
  RememberedRoom(RememberedRooms& rooms, hub::Room& room, std::uint32_t ticket, RulePtr rule);
  ~RememberedRoom() override;

  history::Audience& audience() noexcept { return audience_; }
  bool has_log() const noexcept { return rule_->history_size > 0; }
  /// Whether members who ask are told where they stand.
  bool has_positions() const noexcept { return has_log() && rule_->recover.value_or(true); }
  /// That what is published in it goes by now; null if it does not go into the log any more.
  const RulePtr& rule_now(const Remembering& rules);
  std::uint32_t ticket() const noexcept { return ticket_; }
  const std::string& name() const noexcept { return room_.name; }

  /// A member wants to know where it stands, from here on. Not while it `is_replaying`.
  void position(hub::Client& client, const history::Since& since);
  /// In a room without positions a member has asked for them: it is told from now on what it misses.
  void opt_in(hub::Client& client);
  /// Whether it has asked for that and has not got all of it.
  bool is_replaying(const hub::Client& client) const;
  /// It can be sent more.
  void drained(hub::Client& client);
  /// In a room without a log: to all members.
  void deliver(const Publication& publication);
  /// In a room without a log, which is about to be another one: tells those who are behind.
  void give_up();

  // hub::Memory
  void cursor_leaves(std::size_t place) override;

 private:
  // history::AudienceHost
  void publish(const PublicationPtr& publication, bool tells_epoch) override;
  void gap(const history::Gap& gap) override;
  void acknowledge(std::size_t place, const history::JoinAnswer& answer) override;
  void gap(std::size_t place, const history::Gap& gap) override;
  void skipped(std::size_t place, std::uint64_t count) override;
  std::size_t replay(std::size_t place, std::span<const PublicationPtr> publications,
                     history::Standing& standing) override;
  bool writable(std::size_t place) override;
  bool is_held(std::size_t place) override;
  void make_live(std::size_t place) override;
  void make_plain(std::size_t place) override;
  void confirm(std::uint32_t number) override;

  std::size_t place_of(const hub::Client& client) const;
  auto moved();
  void send(std::size_t begin, std::size_t end, std::span<const std::string_view> pieces);
  bool drops() const noexcept { return rule_->slow_consumer == RoomSlowConsumer::drop; }
  std::size_t limit() const;
  void fall_behind();
  void fall_behind(hub::Client& client);
  std::string more_of_plain(std::uint64_t skipped) const;
  std::string_view quoted_name() const;
  PublicationPtr stored(const Publication& publication) const;
  /// So many publications are not sent to a member, as the rule wants it.
  void count_skipped(hub::Client& client, std::uint64_t count) noexcept;
  void send_gap(hub::Client& client, const history::Gap& gap);

  RememberedRooms& at_;
  hub::Room& room_;
  const std::uint32_t ticket_;
  const RulePtr rule_;
  RulePtr rule_now_;
  std::uint64_t rules_of_now_ = UINT64_MAX;  // their number
  const std::string room_member_;            // `,"room":"tea"`
  history::Audience audience_;
};

}  // namespace hearth::shard
