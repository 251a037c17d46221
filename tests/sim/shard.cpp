#include "sim/shard.hpp"

#include "history/lineage.hpp"
#include "sim/mistakes.hpp"
#include "sim/node.hpp"
#include "sim/world.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hearth::sim {

namespace {

history::Audience::Options options_of(const World& world, std::uint32_t room) {
  const Plan::Room& its = world.plan().rooms[room];
  history::Audience::Options options;
  options.tail = its.tail;
  options.ttl = std::chrono::milliseconds(its.ttl / kMilli);
  options.window = std::size_t{world.plan().window} * 64;
  options.slow = static_cast<history::SlowPolicy>(its.slow_policy);
  return options;
}

std::uint64_t content_of(const StoredPublication& publication) {
  std::uint64_t content = 0;
  const std::string_view text = publication.data().text();
  std::from_chars(text.data(), text.data() + text.size(), content);
  return content;
}

bool leaves_out(const StoredPublication& publication, const Connection& connection) {
  return !publication.exclude().empty() && publication.excludes(client_name(connection.client));
}

}  // namespace

RoomPart::RoomPart(Shard& shard, std::uint32_t its_room, std::uint32_t its_ticket)
    : room(its_room),
      ticket(its_ticket),
      audience(*this, shard.reads, shard.tails, options_of(shard.world, its_room)),
      shard_(shard) {}

void RoomPart::add(Connection& connection, const std::optional<history::Since>& since) {
  parts.add(members, &connection, moved());
  if (!since) return;
  parts.give_cursor(members, connection.place[room], moved());
  audience.join(*since, shard_.world.moment());
}

void RoomPart::remove(Connection& connection) {
  const std::size_t place = connection.place[room];
  if (place < parts.cursors()) audience.left(place);
  parts.remove(members, place, moved());
}

void RoomPart::drained(Connection& connection) {
  const std::size_t place = connection.place[room];
  if (place < parts.cursors()) audience.drained(place, shard_.world.moment());
}

void RoomPart::send(Connection& connection, Item item) const {
  item.room = room;
  if (item.kind == Item::Kind::plain) {
    const Position last = std::exchange(connection.plain[room], item.publication->position());
    if (item.publication->position().offset <= last.offset) shard_.world.note_disorder();
  }
  shard_.world.deliver(connection, std::move(item));
}

/// Plain members are not told that the log has lost what they were sent; but it may have it again, and then so do they.
void RoomPart::reset(const Mail& letter) {
  for (Connection* member : members) {
    Position& last = member->plain[room];
    last.offset = std::min(last.offset, history::end_of(*letter.log, last.epoch).value_or(0));
  }
  audience.reset(letter.reason, letter.position, letter.log, shard_.world.moment());
}

void RoomPart::publish(const PublicationPtr& publication, bool tells_epoch) {
  slow_.clear();
  Item item;
  item.publication = publication.get();
  item.content = content_of(*publication);
  item.tells_epoch = tells_epoch;
  const std::size_t most = shard_.world.plan().catch_up_at;
  for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) {
    Connection& connection = *members[place];
    if (leaves_out(*publication, connection)) continue;
    if (connection.inbox.size() >= most) {
      slow_.push_back(&connection);
    } else {
      send(connection, item);
    }
  }
  item.kind = Item::Kind::plain;
  for (std::size_t place = parts.live_end(); place < members.size(); ++place) {
    Connection& connection = *members[place];
    if (leaves_out(*publication, connection)) continue;
    if (connection.inbox.size() >= most) {
      slow_.push_back(&connection);
    } else {
      send(connection, item);
    }
  }
  for (Connection* connection : slow_) {
    const bool is_plain = parts.is_plain(connection->place[room]);
    if (!is_plain) shard_.world.record_fault(test::FaultKind::client_slow, room, connection->client);
    parts.give_cursor(members, connection->place[room], moved());
    audience.fell_behind(is_plain);
  }
}

void RoomPart::gap(const history::Gap& gap) {
  Item item;
  item.kind = Item::Kind::gap;
  item.lost = gap.reason;
  item.position = gap.stands;
  item.top = gap.top;
  item.skipped = gap.skipped;
  for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) send(*members[place], item);
}

void RoomPart::gap(std::size_t place, const history::Gap& gap) {
  Item item;
  item.kind = Item::Kind::gap;
  item.lost = gap.reason;
  item.position = gap.stands;
  item.top = gap.top;
  item.skipped = gap.skipped;
  send(*members[place], item);
}

void RoomPart::acknowledge(std::size_t place, const history::JoinAnswer& answer) {
  Item item;
  item.kind = Item::Kind::answer;
  item.lost = answer.lost;
  item.gave_position = answer.gave_position;
  item.has_position = answer.stands.has_value();
  item.position = answer.stands.value_or(Position{});
  item.top = answer.top;
  send(*members[place], item);
}

std::size_t RoomPart::replay(std::size_t place, std::span<const PublicationPtr> publications,
                             history::Standing& standing) {
  Connection& connection = *members[place];
  std::size_t count = 0;
  for (const PublicationPtr& publication : publications) {
    if (count++ > 0 && !writable(place)) return count - 1;
    const bool is_left_out = leaves_out(*publication, connection);
    const auto telling = standing.pass(*publication, is_left_out);
    if (is_left_out) continue;
    Item item;
    item.publication = publication.get();
    item.content = content_of(*publication);
    item.tells_epoch = telling.epoch && !made(Mistake::shard_never_tells_epoch);
    item.skipped = telling.skipped;
    if (standing.is_plain) item.kind = Item::Kind::plain;
    send(connection, item);
  }
  return count;
}

bool RoomPart::writable(std::size_t place) { return members[place]->inbox.size() < shard_.world.plan().window; }

void RoomPart::make_live(std::size_t place) { parts.make_live(members, place, moved()); }

void RoomPart::make_plain(std::size_t place) { parts.make_plain(members, place, moved()); }

void RoomPart::confirm(std::uint32_t number) {
  shard_.node.call({StrandCall::Kind::confirm, shard_.number, room, ticket, number});
}

Shard::Shard(World& its_world, Node& its_node, std::uint8_t its_number)
    : world(its_world), node(its_node), number(its_number), tails(its_world.plan().tail_budget) {}

void Shard::join(Connection& connection, std::uint32_t room, const std::optional<history::Since>& since) {
  std::unique_ptr<RoomPart>& part = rooms_[room];
  if (!part) {
    part = std::make_unique<RoomPart>(*this, room, ++last_ticket_ * kMostRooms + room);
    node.call({StrandCall::Kind::open, number, room, part->ticket, 0});
  }
  part->add(connection, since);
}

void Shard::leave_all(Connection& connection) {
  for (std::unique_ptr<RoomPart>& part : rooms_) {
    if (!part) continue;
    const std::size_t place = connection.place[part->room];
    if (place >= part->members.size() || part->members[place] != &connection) continue;
    part->remove(connection);
    if (!part->members.empty()) continue;
    node.call({StrandCall::Kind::close, number, part->room, part->ticket, 0});
    part.reset();
  }
}

bool Shard::drained(Connection& connection) {
  bool any = false;
  for (const std::unique_ptr<RoomPart>& part : rooms_) {
    if (!part || part->parts.cursors() == 0) continue;
    const std::size_t place = connection.place[part->room];
    if (place >= part->parts.cursors() || part->members[place] != &connection) continue;
    part->drained(connection);
    any = true;
  }
  return any;
}

void Shard::take(const Mail& letter) {
  const history::Moment now = world.moment();
  if (letter.kind == Mail::Kind::page) return reads.page(letter.read, *letter.page, now);
  RoomPart* part = rooms_[letter.room].get();
  if (part == nullptr || (part->ticket != letter.ticket && !made(Mistake::shard_hears_former_feed))) return;
  switch (letter.kind) {
    case Mail::Kind::opened:
      return part->audience.opened(letter.position, letter.log, now);
    case Mail::Kind::publication:
      return part->audience.publication(letter.publication, now);
    case Mail::Kind::lineage:
      return part->audience.lineage(letter.log, now);
    case Mail::Kind::reset:
      return part->reset(letter);
    case Mail::Kind::confirmed:
      return part->audience.confirmed(letter.number, letter.log, now);
    case Mail::Kind::page:
      break;
  }
}

void Shard::advance() {
  for (const std::unique_ptr<RoomPart>& part : rooms_) {
    if (part) part->audience.advance(world.moment());
  }
}

}  // namespace hearth::sim
