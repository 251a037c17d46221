#pragma once

#include "hearth/history.hpp"
#include "history/feed.hpp"
#include "history/latest.hpp"
#include "history/page_reads.hpp"
#include "history/reason.hpp"
#include "history/tail.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace hearth::history {

/// Where a member wants to begin.
struct Since {
  enum class Kind : std::uint8_t {
    now,       ///< from now on
    position,  ///< after it
    last,      ///< with the last `position.offset` publications that are kept, up to 1,000
  };
  Kind kind = Kind::now;
  Position position{};
};

/// What a member that joins is told about a room.
struct JoinAnswer {
  bool gave_position = false;    ///< whether it asked to be recovered
  std::optional<Reason> lost{};  ///< why it is not, if it is not; without `gave_position`: that nothing is known yet
  std::optional<Position> stands{};  ///< where it stands now; publications after this follow. None: not known yet
  std::uint64_t top = 0;             ///< the newest offset
};

/// What a member is told whose continuity is broken.
struct Gap {
  Reason reason = Reason::epoch;
  Position stands{};  ///< publications after this follow
  std::uint64_t top = 0;
  std::uint64_t skipped = 0;  ///< how many it was not sent, if `slow`
};

/// What becomes of a member that does not take what it is sent.
enum class SlowPolicy : std::uint8_t {
  catch_up,  ///< reads on from the log
  latest,    ///< gets the newest publication a key once it reads again
  gap,       ///< is told how many it has missed
};

/// How far a member is that is sent one publication after the other.
struct Standing {
  Position at{};
  bool knows_epoch = true;    ///< of `at`; not if it was left out of all that there was of it
  std::uint64_t skipped = 0;  ///< how many it was not sent and has not been told of
  bool is_plain = false;      ///< it is told nothing but what is published

  /// What a publication has to tell beside itself.
  struct Telling {
    bool epoch = false;
    std::uint64_t skipped = 0;
  };

  /// Goes on to the next publication, which is sent to the member, unless that is left out of it.
  Telling pass(const StoredPublication& publication, bool is_left_out) noexcept {
    const Position& position = publication.position();
    knows_epoch = knows_epoch && position.epoch == at.epoch;
    skipped += position.offset - at.offset - 1;
    at = position;
    if (is_left_out) return {};
    return {!std::exchange(knows_epoch, true) && !is_plain, std::exchange(skipped, 0)};
  }
};

/// What a place in a room is made to do. Places are indexes of the cursors (Parts); they change when one goes.
class AudienceHost {
 public:
  virtual ~AudienceHost() = default;

  /// To all live and plain members. `tells_epoch`: its epoch is news to those who are live. Whoever does not take it is
  /// noted, and after the loop given a cursor and to Audience::fell_behind, in place of having been sent it.
  virtual void publish(const PublicationPtr& publication, bool tells_epoch) = 0;
  /// To all live members.
  virtual void gap(const Gap& gap) = 0;

  virtual void acknowledge(std::size_t place, const JoinAnswer& answer) = 0;
  virtual void gap(std::size_t place, const Gap& gap) = 0;
  /// A plain one, which is told nothing, will not be sent so many.
  virtual void skipped(std::size_t place, std::uint64_t count) = 0;
  /// Sends publications in order until the member has more unsent bytes than it may, at least one: each that is sent,
  /// or that leaves the member out, by `standing.pass`. Returns how many.
  virtual std::size_t replay(std::size_t place, std::span<const PublicationPtr> publications, Standing& standing) = 0;
  /// Whether it may be sent more; if not, Audience::drained is called when it may.
  virtual bool writable(std::size_t place) = 0;
  /// Whether it gets nothing for now that follows its answer, because that has not been sent yet: until
  /// Audience::drained.
  virtual bool is_held(std::size_t place) = 0;
  /// It is live from now on; the last with a cursor takes its place.
  virtual void make_live(std::size_t place) = 0;
  /// The same for a plain one that fell behind.
  virtual void make_plain(std::size_t place) = 0;

  /// Ask the feed for a page that is asked for from now on: Feeds::confirm.
  virtual void confirm(std::uint32_t number) = 0;
};

/// The time as a shard has it.
struct Moment {
  std::chrono::steady_clock::time_point steady{};
  std::int64_t wall_ms = 0;  ///< since 1970
};

/// A room as a shard passes it on: what the feed says, to members who are live, and to those who are not yet from the
/// log, each at its own cursor. One who is live has no state here at all: it is where the room is. For one thread.
class Audience {
 public:
  static constexpr std::chrono::seconds kPatience{10};  ///< for the log's answer

  struct Options {
    std::uint32_t tail = 0;                       ///< most publications of the tail: the rule's history_size
    std::chrono::milliseconds ttl{};              ///< the rule's history_ttl
    std::size_t window = std::size_t{64} * 1024;  ///< a page is asked to be about so large: replay_window
    SlowPolicy slow = SlowPolicy::catch_up;
  };

  Audience(AudienceHost& host, PageReads& reads, TailBudget& tails, const Options& options);
  ~Audience();
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  // What the feed says, in its order:

  void opened(const Position& position, LogTopPtr log, const Moment& now);
  void publication(const PublicationPtr& publication, const Moment& now);
  /// In place of the former for the next one, which has been sent to whoever is to have it: it is only counted. Those
  /// who did not take it follow in `fell_behind`. Not while it `keeps_latest`.
  void pass_over();
  void lineage(LogTopPtr log, const Moment& now);
  void reset(Reason reason, const Position& position, LogTopPtr log, const Moment& now);
  void confirmed(std::uint32_t number, LogTopPtr log, const Moment& now);

  // What members do:

  /// The member that the host has just put behind the last with a cursor.
  void join(const Since& since, const Moment& now);
  /// A live or a plain member that did not take the publication that is being published: as for `join`. A plain one is
  /// sent later what a live one would be, and told nothing.
  void fell_behind(bool is_plain = false);
  /// A plain one that is behind is told from now on what it misses.
  void opt_in(std::size_t place) { cursors_[place].plain = false; }
  /// It can be sent something again.
  void drained(std::size_t place, const Moment& now);
  /// One that is behind is to be so no longer, whether it takes anything or not.
  void give_up(std::size_t place);
  /// One with a cursor goes; the last takes its place.
  void left(std::size_t place);

  // The log's answers (PageReads) and time:

  std::optional<PageReads::Read> next_read();
  void page(const PageReads::Read& read, const Result<LogPage>& result, const Moment& now);
  void advance(const Moment& now);
  /// Nothing to wait for: time_point::max.
  std::chrono::steady_clock::time_point next_deadline() const noexcept { return deadline_; }

  AudienceHost& host() const noexcept { return host_; }
  bool is_open() const noexcept { return is_open_; }
  /// Where the live members are.
  const Position& position() const noexcept { return position_; }
  std::size_t cursors() const noexcept { return cursors_.size(); }
  /// Whether a member that joined has not been answered, or not yet sent all that it missed.
  bool is_replaying(std::size_t place) const noexcept {
    return cursors_[place].state <= State::behind && !cursors_[place].plain;
  }
  /// Whether what is published is kept for those who are behind, by SlowPolicy::latest.
  bool keeps_latest() const noexcept { return latest_ != nullptr; }
  std::size_t tail() const noexcept { return tail_.size(); }

 private:
  enum class State : std::uint8_t {
    joining,     ///< its position has not been judged
    behind,      ///< gets what lies between its cursor and the room's position
    ahead,       ///< gets nothing until the room is there
    skipping,    ///< SlowPolicy::gap
    conflating,  ///< SlowPolicy::latest
  };

  /// A member that is not live. As long as it is one, it costs this much.
  struct Cursor {
    Position at;  // what it has; in `joining` what it says it has
    std::uint32_t number =
        0;  // of the `confirm` that it waits for; the last how many it wants; conflating: was not sent
    std::uint32_t waiting_since = 0;  // ticks, if it waits for the log
    State state = State::joining;
    Since::Kind since = Since::Kind::now;
    bool told = false;     // it has its answer
    bool blocked = false;  // waits for its socket
    bool waits = false;    // for the log
    bool untold = false;   // it does not know the epoch of `at`
    bool plain = false;    // it is told nothing but what is published
  };
  static_assert(sizeof(Cursor) == 32);

  // Whether the cursor is gone: its member is live.
  bool settle(std::size_t place, const Moment& now);
  bool judge(std::size_t place, const Moment& now);
  bool judge_position(std::size_t place, const Moment& now);
  bool catch_up(std::size_t place, const Moment& now);
  bool conflate(std::size_t place);
  bool lose(std::size_t place, Reason reason);
  bool roll_back(std::size_t place, std::uint64_t end, const Moment& now);
  bool reset_cursor(std::size_t place, const Moment& now);
  bool reset_skipping(Cursor& cursor, std::size_t place);
  bool skip(std::size_t place, const Moment& now);
  bool take_page(std::size_t place, const LogPage& page, const Moment& now);
  bool make_live(std::size_t place);

  void tell(std::size_t place, std::optional<Reason> lost);
  void tell_gap(std::size_t place, const Gap& gap);
  bool hold(std::size_t place);
  void settle_all(const Moment& now);
  void ask(Cursor& cursor, const Moment& now);
  std::uint32_t ask_feed();
  void wait(Cursor& cursor, const Moment& now);
  bool expire(std::size_t place);
  void want_read();
  void pause(const Moment& now);
  std::uint64_t reach(Epoch epoch, std::uint64_t end) const noexcept;
  std::uint64_t top() const noexcept;
  std::size_t page_count() const noexcept;
  void take_out(std::size_t place);
  void replay(std::size_t place, std::span<const PublicationPtr> publications);
  void note_told(const PublicationPtr& publication);

  AudienceHost& host_;
  PageReads& reads_;
  const Options options_;
  Position position_;
  Position previous_;  // before the publication that is being published
  const PublicationPtr* publishing_ = nullptr;
  PublicationPtr telling_;  // has told its epoch to all but those whom it leaves out
  LogTopPtr log_;
  std::vector<Cursor> cursors_;
  Tail tail_;
  std::unique_ptr<Latest> latest_;  // while anybody conflates
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::time_point retry_{};  // no read before
  std::uint64_t swept_ = 0;                        // the next page begins at the first cursor from here on
  std::uint32_t resets_ = 0;
  std::uint32_t asked_ = 0;      // numbers of `confirm`: the last that was asked,
  std::uint32_t confirmed_ = 0;  // the last that was answered
  std::uint32_t average_ = 0;    // bytes of a publication here, about
  bool is_open_ = false;
  bool epoch_told_ = false;  // to all who are live
  bool ask_again_ = false;   // somebody came after the last was asked
  bool reading_ = false;
  bool paused_ = false;  // until `retry_`
  PageReads::Waiting waiting_;
};

}  // namespace hearth::history
