#pragma once

#include "history/feed.hpp"
#include "protocol/name_hash.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::history {

using TimePoint = std::chrono::steady_clock::time_point;

/// Who has opened a feed: a shard, and what it calls the room for as long as it has it. A room that is given up and
/// comes to be again has another ticket, so that what is still under way for the former is not taken for the latter's.
struct Opener {
  std::uint8_t shard = 0;
  std::uint32_t ticket = 0;

  bool operator==(const Opener&) const = default;
};

/// Where the feeds of a node speak to its shards. The calls for one opener come in order; they must be quick and must
/// not call the feeds.
class FeedsSink {
 public:
  virtual ~FeedsSink() = default;
  virtual void opened(const Opener& to, const Position& position, const LogTopPtr& log) = 0;
  virtual void publication(const Opener& to, const PublicationPtr& publication) = 0;
  virtual void lineage(const Opener& to, const LogTopPtr& log) = 0;
  virtual void reset(const Opener& to, Reason reason, const Position& position, const LogTopPtr& log) = 0;
  /// A page has come that was asked for after `confirm` with this number was called; this is what it says of the log.
  virtual void confirmed(const Opener& to, std::uint32_t number, const LogTopPtr& log) = 0;
};

/// All feeds of a node, and when which of them reads. For one thread at a time. It asks nobody itself: after each call
/// its owner takes `next_read` and `next_tops` until there is none, and brings the answers back.
class Feeds {
 public:
  static constexpr std::size_t kMostReads = 32;          ///< under way
  static constexpr std::size_t kReadCount = 256;         ///< publications a read
  static constexpr std::size_t kTopsCount = 500;         ///< rooms a request; one is under way at a time
  static constexpr std::chrono::seconds kRetryPause{1};  ///< after a read that failed

  struct Options {
    std::chrono::milliseconds position_check{25'000};  ///< a room that is silent for so long (± 20 %) is compared
    std::uint64_t seed = 0;                            ///< of those 20 %
  };

  struct Read {
    std::string room;
    std::uint64_t after;
    std::size_t count;
    std::uint64_t number;
  };

  Feeds(FeedsSink& sink, const Options& options, TimePoint now);
  ~Feeds();
  Feeds(const Feeds&) = delete;
  Feeds& operator=(const Feeds&) = delete;

  // What shards want:

  /// Before the broker is asked to subscribe to the room.
  void open(std::string_view room, const Opener& opener, TimePoint now);
  void close(std::string_view room, const Opener& opener);
  /// Wants a page that is asked for from now on; `number` rises from call to call.
  void confirm(std::string_view room, const Opener& opener, std::uint32_t number);

  // What the broker says:

  /// The channel of a room is active, for the first time or again.
  void subscribed(std::string_view room);
  /// The link that brings the channels is gone.
  void lost();
  /// The link over which logs are asked has come up, to another process of the store than before.
  void store_changed();
  void publication(const PublicationPtr& publication, TimePoint now);

  // What is to be asked, and the answers:

  /// Not while a mailbox of the node is congested.
  std::optional<Read> next_read();
  void page(const Read& read, const Result<LogPage>& result, TimePoint now);
  /// None: an empty list.
  std::vector<std::string> next_tops(TimePoint now);
  void tops(std::span<const std::string> rooms, const Result<std::vector<LogTop>>& result, TimePoint now);

  // Time:

  void advance(TimePoint now);
  /// When `advance` wants to be called again.
  TimePoint next_deadline() const noexcept;

  std::size_t size() const noexcept { return rooms_.size(); }
  /// Feeds of which it is not known that they get everything.
  std::size_t blind() const noexcept { return blind_; }
  std::size_t reads_under_way() const noexcept { return reads_under_way_; }
  /// Null if there is no such feed.
  const Feed* find(std::string_view room) const;

 private:
  struct Subscriber {
    Opener opener;
    std::uint32_t wanted = 0;    // the last number of `confirm`
    std::uint32_t asked = 0;     // the same when the read under way was asked for
    std::uint32_t answered = 0;  // the last that was confirmed
  };

  struct InAll;
  struct ForRead;
  struct ForCheck;
  template <class Tag>
  using Hook = boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                                boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  struct Room : Hook<InAll>, Hook<ForRead>, Hook<ForCheck> {
    Room(std::string_view its_name, ReorderBudget& budget) : name(its_name), feed(budget) {}

    const std::string name;
    Feed feed;
    std::vector<Subscriber> subscribers;
    std::uint64_t read = 0;  // number of the one under way
    TimePoint heard{};       // when the log and the position were last known to agree
    TimePoint retry{};       // when it may read again
    bool counted_blind = false;
  };
  // In the read queue or among the retries; in the queue for tops or in a bucket of the wheel.
  template <class Tag>
  using List =
      boost::intrusive::list<Room, boost::intrusive::base_hook<Hook<Tag>>, boost::intrusive::constant_time_size<false>>;
  class Fan;

  static constexpr std::size_t kBuckets = 64;
  static constexpr int kBucketsACheck = 32;

  Room* room_named(std::string_view name);
  void settle(Room& room);
  void retry_later(Room& room, TimePoint now);
  void check_later(Room& room, TimePoint now);
  void check_now(Room& room);
  void turn_wheel(TimePoint now);
  void confirm_all(Room& room);
  std::chrono::milliseconds jittered_check();

  FeedsSink& sink_;
  const Options options_;
  const std::chrono::nanoseconds bucket_;
  std::uint64_t chance_;
  ReorderBudget budget_;
  boost::unordered_flat_map<std::string_view, std::unique_ptr<Room>, protocol::NameHash, std::equal_to<>> rooms_;
  List<InAll> all_;  // in the order in which they were opened
  List<ForRead> reads_;
  List<ForRead> retries_;  // by time
  List<ForCheck> tops_;
  std::array<List<ForCheck>, kBuckets> wheel_;
  const TimePoint origin_;
  std::uint64_t turn_ = 0;  // the buckets up to this one are empty
  TimePoint tops_pause_{};
  std::uint64_t next_number_ = 0;
  std::size_t reads_under_way_ = 0;
  std::size_t blind_ = 0;
  bool tops_under_way_ = false;
};

}  // namespace hearth::history
