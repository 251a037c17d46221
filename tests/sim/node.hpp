#pragma once

#include "broker/branch_watch.hpp"
#include "history/acked_rooms.hpp"
#include "history/append_queue.hpp"
#include "history/feeds.hpp"
#include "sim/link.hpp"
#include "sim/shard.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace hearth::sim {

/// What a shard leaves for its node's strand.
struct StrandCall {
  enum class Kind : std::uint8_t { open, close, confirm };
  Kind kind = Kind::open;
  std::uint8_t shard = 0;
  std::uint32_t room = 0;
  std::uint32_t ticket = 0;
  std::uint32_t number = 0;
};

/// A process of the server: the real feeds, append queue and acked rooms behind two links, and shards.
class Node final : public history::FeedsSink {
 public:
  Node(World& world, std::uint32_t index, std::uint32_t id);

  /// For a client or the application on this node.
  void append(const Draft& draft);
  void call(const StrandCall& call);
  /// Does all that can be done now.
  void pump();
  void tick();

  void link_up(bool subscribing, bool is_back);
  void link_down(bool subscribing);
  void reply(bool subscribing, Reply& reply);
  void linger_ended(std::uint32_t room);

  // history::FeedsSink
  void opened(const history::Opener& to, const Position& position, const history::LogTopPtr& log) override;
  void publication(const history::Opener& to, const PublicationPtr& publication) override;
  void lineage(const history::Opener& to, const history::LogTopPtr& log) override;
  void reset(const history::Opener& to, history::Reason reason, const Position& position,
             const history::LogTopPtr& log) override;
  void confirmed(const history::Opener& to, std::uint32_t number, const history::LogTopPtr& log) override;

  World& world;
  const std::uint32_t index;  // of its links
  const std::uint32_t id;     // in the records: a process that is started again has another
  std::int64_t stopped_until = 0;
  std::int64_t congested_until = 0;
  std::vector<std::unique_ptr<Shard>> shards;
  history::Feeds feeds;
  history::AppendQueue<Draft> appends;
  history::AckedRooms acked;

  std::size_t waiting() const noexcept { return pending_.size(); }
  /// Members that are neither live nor plain.
  std::size_t behind() const noexcept;
  std::size_t most_buffered = 0;
  std::size_t most_page_reads = 0;
  std::size_t most_reads = 0;

 private:
  /// A question to the store that is asked again on the next link, until it is answered or given up.
  struct Pending {
    enum class Whose : std::uint8_t { feed, feeds_tops, acked_tops, shard };
    Whose whose = Whose::feed;
    std::uint32_t id = 0;
    std::uint8_t shard = 0;
    std::uint64_t number = 0;  // of a shard's read
    history::Feeds::Read read{};
    std::vector<std::string> rooms{};
    std::int64_t until = 0;
  };

  void ask(Pending pending);
  void send(const Pending& pending);
  void answer(const Pending& pending, Result<LogPage> page, Result<std::vector<LogTop>> tops);
  void compare_acked(const std::vector<std::string>& rooms, const Result<std::vector<LogTop>>& tops);
  void send_appends();
  Process known_process() const;
  void branch_began(std::uint32_t room);
  void appended(const Draft& draft, const Result<Appended>& result);
  void take_call(const StrandCall& call);
  void post(std::uint8_t shard, Mail mail);
  bool take_mail();

  std::deque<Pending> pending_;
  std::deque<StrandCall> calls_;
  std::array<std::uint32_t, kMostRooms> opened_{};  // by room: shards that have it open
  std::uint8_t active_ = 0;                         // channels that are confirmed on this link
  std::uint64_t renumbered_ = 1'000'000;            // for a mistake
  std::uint32_t last_id_ = 0;
  broker::BranchWatch branches_;
  bool guards_ = true;  // compares processes of the store
};

}  // namespace hearth::sim
