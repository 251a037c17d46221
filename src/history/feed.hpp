#pragma once

#include "hearth/history.hpp"
#include "history/reason.hpp"
#include "history/reorder_buffer.hpp"

#include <cstdint>
#include <memory>

namespace hearth::history {

using LogTopPtr = std::shared_ptr<const LogTop>;

/// What a feed says to the shards that have members in its room, in the order in which it happens.
class FeedListener {
 public:
  virtual ~FeedListener() = default;
  /// The first word: from where on publications follow.
  virtual void opened(const Position& position, const LogTopPtr& log) = 0;
  virtual void publication(const PublicationPtr& publication) = 0;
  /// The log has a new branch, which changes nothing for whoever is at the feed's position.
  virtual void lineage(const LogTopPtr& log) = 0;
  /// Continuity is broken: publications follow from this position on.
  virtual void reset(Reason reason, const Position& position, const LogTopPtr& log) = 0;
};

/// A node's place in a room: makes one stream without holes of what the channel brings and what the log has, for all
/// members on the node. Knows no clock and no link: it is told, and asked what it wants (docs/architecture.md, Rooms
/// that remember).
class Feed {
 public:
  enum class Mode : std::uint8_t {
    opening,  ///< has no position yet
    live,     ///< the channel brings everything
    reading,  ///< something is missing, or may be, that the log has
    blind,    ///< the channel may have missed something and has not been compared with the log since
  };

  explicit Feed(ReorderBudget& budget) noexcept : budget_(budget) {}

  // What happens:

  /// What the channel brings from now on is on its way; what came until now may have been missed.
  void subscribed();
  /// The log is asked of another process of the store than before: what it said may not hold there.
  void store_changed() noexcept;
  /// The channel brings nothing any more, until `subscribed`.
  void lost() noexcept;
  void publication(const PublicationPtr& publication, FeedListener& listener);
  /// A read is asked for: of what comes after `position().offset`, or of the top alone if there is no position.
  void begin_read() noexcept;
  /// Its page. False if it was older than what the channel has brought since: to be read again, without haste.
  bool page(const LogPage& page, FeedListener& listener);
  void read_failed() noexcept;
  /// The top of the log is asked for.
  void begin_top() noexcept;
  void top(const LogTop& log) noexcept;
  void top_failed() noexcept { topping_ = false; }
  /// Somebody needs a page that is asked for from now on.
  void want_read() noexcept { wanted_ = true; }

  // What it wants:

  bool wants_read() const noexcept { return !reading_ && (wanted_ || known_top_ > position_.offset); }
  /// For the channel's sake; besides it may be compared at any time.
  bool wants_top() const noexcept {
    return reception_ == Reception::unchecked && has_position() && !topping_ && !reading_ && !wants_read();
  }
  bool may_take_top() const noexcept { return has_position() && !topping_; }

  Mode mode() const noexcept;
  bool has_position() const noexcept { return log_ != nullptr; }
  const Position& position() const noexcept { return position_; }
  /// Of the last page; null without a position.
  const LogTopPtr& log() const noexcept { return log_; }
  std::size_t buffered() const noexcept { return buffer_ ? buffer_->size() : 0; }

 private:
  enum class Reception : std::uint8_t { down, unchecked, up };

  void pass(const PublicationPtr& publication, FeedListener& listener);
  void drain(FeedListener& listener);
  void reset(Reason reason, const Position& position, FeedListener& listener);
  bool may_be_older(const LogTop& log) const noexcept;
  void take_entries(const LogPage& page, FeedListener& listener);

  ReorderBudget& budget_;
  Position position_;
  Position asked_;  // the position when the read was asked for
  LogTopPtr log_;
  std::unique_ptr<ReorderBuffer> buffer_;
  std::uint64_t known_top_ = 0;  // the log has so much
  std::uint64_t heard_top_ = 0;  // the channel has brought so much since the read was asked for
  Reception reception_ = Reception::down;
  bool wanted_ = false;
  bool reading_ = false;
  bool read_checks_ = false;  // the read was asked for after the last `subscribed`
  bool topping_ = false;      // the top is asked for
  bool top_checks_ = false;   // after the last `subscribed`
};

/// Whether a log that was told can be one.
bool is_sound(const LogTop& log) noexcept;

}  // namespace hearth::history
