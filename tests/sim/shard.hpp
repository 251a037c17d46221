#pragma once

#include "history/audience.hpp"
#include "history/feeds.hpp"
#include "history/parts.hpp"
#include "sim/client.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace hearth::sim {

class Node;
class World;

/// What comes to a shard from its node's strand.
struct Mail {
  enum class Kind : std::uint8_t { opened, publication, lineage, reset, confirmed, page };
  Kind kind = Kind::publication;
  history::Reason reason = history::Reason::epoch;
  std::uint32_t room = 0;
  std::uint32_t ticket = 0;
  std::uint32_t number = 0;  // of a `confirm`
  std::uint64_t read = 0;    // of a page
  Position position{};
  PublicationPtr publication{};
  history::LogTopPtr log{};
  std::shared_ptr<const Result<LogPage>> page{};
};

/// A room on a shard, with the real audience: its members are connections.
class RoomPart final : public history::AudienceHost {
 public:
  RoomPart(Shard& shard, std::uint32_t room, std::uint32_t ticket);

  void add(Connection& connection, const std::optional<history::Since>& since);
  void remove(Connection& connection);
  void reset(const Mail& letter);
  void drained(Connection& connection);

  void publish(const PublicationPtr& publication, bool tells_epoch) override;
  void gap(const history::Gap& gap) override;
  void acknowledge(std::size_t place, const history::JoinAnswer& answer) override;
  void gap(std::size_t place, const history::Gap& gap) override;
  std::size_t replay(std::size_t place, std::span<const PublicationPtr> publications,
                     history::Standing& standing) override;
  bool writable(std::size_t place) override;
  bool is_held(std::size_t /*place*/) override { return false; }
  void make_live(std::size_t place) override;
  void skipped(std::size_t /*place*/, std::uint64_t /*count*/) override {}
  void make_plain(std::size_t place) override;
  void confirm(std::uint32_t number) override;

  const std::uint32_t room;
  const std::uint32_t ticket;
  std::vector<Connection*> members;
  history::Parts parts;
  history::Audience audience;

 private:
  auto moved() {
    return [this](Connection* connection, std::size_t place) {
      connection->place[room] = static_cast<std::uint32_t>(place);
    };
  }
  void send(Connection& connection, Item item) const;

  Shard& shard_;
  std::vector<Connection*> slow_;  // of the publication that is being published
};

class Shard {
 public:
  Shard(World& world, Node& node, std::uint8_t number);

  void join(Connection& connection, std::uint32_t room, const std::optional<history::Since>& since);
  void leave_all(Connection& connection);
  /// Whether anybody was waiting for that.
  bool drained(Connection& connection);
  void take(const Mail& mail);
  void advance();
  RoomPart* part(std::uint32_t room) const { return rooms_[room].get(); }

  World& world;
  Node& node;
  const std::uint8_t number;
  history::PageReads reads;
  history::TailBudget tails;
  std::deque<Mail> mail;
  bool mail_is_planned = false;

 private:
  std::array<std::unique_ptr<RoomPart>, kMostRooms> rooms_;
  std::uint32_t last_ticket_ = 0;
};

}  // namespace hearth::sim
