#include "shard/remembered_room.hpp"

#include "net/counters.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/system_events.hpp"
#include "shard/exclusion.hpp"
#include "shard/remembered_rooms.hpp"

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace hearth::shard {

namespace {

// One that catches up, or is closed, leaves nothing out.
net::Drop drop_by(const RoomRule& rule) noexcept {
  if (rule.slow_consumer == RoomSlowConsumer::latest) return net::Drop::latest;
  return rule.slow_consumer == RoomSlowConsumer::drop ? net::Drop::drop : net::Drop::gap;
}

std::string name_as_json(std::string_view text) {
  std::string json;
  protocol::append_quoted(json, text);
  return json;
}

history::SlowPolicy policy_of(const RoomRule& rule) noexcept {
  switch (rule.slow_consumer.value_or(RoomSlowConsumer::catch_up)) {
    case RoomSlowConsumer::latest:
      return history::SlowPolicy::latest;
    case RoomSlowConsumer::gap:
    case RoomSlowConsumer::drop:
      return history::SlowPolicy::gap;
    case RoomSlowConsumer::close:
    case RoomSlowConsumer::catch_up:
      break;
  }
  return history::SlowPolicy::catch_up;
}

/// The text of a publication for a member that knows its place, with what else it is to be told.
class PositionedText {
 public:
  PositionedText(const StoredPublication& publication, const history::Standing::Telling& telling) {
    pieces_[0] = publication.text();
    pieces_[0].remove_suffix(1);
    if (telling.epoch) more_ = R"(,"epoch":")" + publication.position().epoch.str() + '"';
    if (telling.skipped > 0) more_ += R"(,"skipped":)" + std::to_string(telling.skipped);
    pieces_[1] = more_;
    pieces_[2] = "}";
  }
  PositionedText(const PositionedText&) = delete;
  PositionedText& operator=(const PositionedText&) = delete;

  std::span<const std::string_view> pieces() const noexcept { return pieces_; }

 private:
  std::string more_;
  std::array<std::string_view, 3> pieces_;
};

}  // namespace

RememberedRoom::RememberedRoom(RememberedRooms& rooms, hub::Room& room, std::uint32_t ticket, RulePtr rule)
    : at_(rooms),
      room_(room),
      ticket_(ticket),
      rule_(std::move(rule)),
      quoted_name_(name_as_json(room.name)),
      audience_(*this, rooms.reads(), rooms.tails(),
                {.tail = rule_->history_size,
                 .ttl = rule_->history_ttl,
                 .window = rooms.options().history.replay_window,
                 .slow = policy_of(*rule_)}) {
  at_.begun(*this, room_.name);
}

const RulePtr& RememberedRoom::rule_now(const Remembering& rules) {
  const std::uint64_t number = rules.number();
  if (number == rules_of_now_) return rule_now_;
  rule_now_ = rules.rule_of(room_.name);
  rules_of_now_ = number;
  return rule_now_;
}

RememberedRoom::~RememberedRoom() { at_.ended(*this, room_.name); }

auto RememberedRoom::moved() {
  return [this](hub::Client* client, std::size_t place) {
    client->memberships.move(*client->memberships.find(&room_), place);
  };
}

std::size_t RememberedRoom::place_of(const hub::Client& client) const {
  return client.memberships[*client.memberships.find(&room_)].place;
}

void RememberedRoom::position(hub::Client& client, const history::Since& since) {
  const std::size_t place = place_of(client);
  if (place < parts.cursors()) {
    audience_.left(place);
    parts.make_live(room_.members, place, moved());
  }
  parts.give_cursor(room_.members, place_of(client), moved());
  audience_.join(since, at_.moment());
}

bool RememberedRoom::is_replaying(const hub::Client& client) const {
  const std::size_t place = place_of(client);
  return place < parts.cursors() && audience_.is_replaying(place);
}

void RememberedRoom::drained(hub::Client& client) {
  const std::size_t place = place_of(client);
  if (place < parts.cursors()) audience_.drained(place, at_.moment());
}

void RememberedRoom::cursor_leaves(std::size_t place) {
  at_.positions().tell(room_.members[place]->id, room_.name, nullptr);
  audience_.left(place);
}

void RememberedRoom::publish(const PublicationPtr& publication, bool tells_epoch) {
  {
    const std::vector<protocol::ClientId> ids = RememberedRooms::parse_ids(publication->exclude());
    const Exclusion exclusion(at_.hub(), ids);
    publish_positioned(*publication, tells_epoch);
    publish_plain(*publication);
  }
  fall_behind();
  at_.transform_later();
}

void RememberedRoom::publish_positioned(const StoredPublication& publication, bool tells_epoch) {
  const PositionedText text(publication, {.epoch = tells_epoch, .skipped = 0});
  std::optional<net::Outgoing> message;
  for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) {
    hub::Client& client = *room_.members[place];
    if (client.excluded) continue;
    if (client.transformed) {
      at_.to_transform(client, text.pieces());
      continue;
    }
    if (!message) message = at_.stage(text.pieces());
    if (at_.takes(client, message->size())) {
      at_.loop().send(client, *message);
    } else {
      at_.slow().push_back(&client);
    }
  }
}

// As any message to a room.
void RememberedRoom::publish_plain(const StoredPublication& publication) {
  if (parts.live_end() == room_.members.size()) return;
  std::array<std::string_view, 4> pieces{publication.plain(), {}, {}, "}"};
  if (at_.options().name_rooms) {
    pieces[1] = R"(,"room":)";
    pieces[2] = quoted_name_;
  }
  std::optional<net::Outgoing> message;
  for (std::size_t place = parts.live_end(); place < room_.members.size(); ++place) {
    hub::Client& client = *room_.members[place];
    if (client.excluded || !client.is_authenticated()) continue;
    if (client.transformed) {
      at_.to_transform(client, pieces);
      continue;
    }
    if (!message) message = at_.stage(pieces);
    at_.loop().send(client, *message);
  }
}

void RememberedRoom::fall_behind() {
  const std::vector<hub::Client*> slow = std::exchange(at_.slow(), {});
  for (hub::Client* client : slow) {
    if (!client->is_open()) continue;
    if (rule_->slow_consumer == RoomSlowConsumer::close) {
      at_.outlet().close(*client, protocol::kSlowConsumer);
      continue;
    }
    parts.give_cursor(room_.members, place_of(*client), moved());
    audience_.fell_behind();
    at_.loop().await_emptied(*client);
  }
}

void RememberedRoom::gap(const history::Gap& gap) {
  for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) {
    send_gap(*room_.members[place], gap);
  }
}

void RememberedRoom::gap(std::size_t place, const history::Gap& gap) {
  hub::Client& client = *room_.members[place];
  count_skipped(client, gap.skipped);
  if (is_held(place)) return at_.positions().tell(client.id, room_.name, gap);
  send_gap(client, gap);
}

void RememberedRoom::count_skipped(hub::Client& client, std::uint64_t count) noexcept {
  if (count > 0) at_.loop().count_drops(client, count, drop_by(*rule_));
}

void RememberedRoom::send_gap(hub::Client& client, const history::Gap& gap) {
  std::string data = R"({"room":)" + quoted_name_;
  data.append(R"(,"reason":")").append(history::name_of(gap.reason));
  data.append(R"(","epoch":")").append(gap.stands.epoch.str());
  data.append(R"(","offset":)").append(std::to_string(gap.stands.offset));
  data.append(R"(,"top":)").append(std::to_string(gap.top));
  if (gap.skipped > 0) data.append(R"(,"skipped":)").append(std::to_string(gap.skipped));
  data += '}';
  at_.send_whole(client, protocol::EnvelopeText(protocol::event::kGap, data, {}).pieces());
}

void RememberedRoom::acknowledge(std::size_t place, const history::JoinAnswer& answer) {
  at_.positions().tell(room_.members[place]->id, room_.name, &answer);
}

std::size_t RememberedRoom::replay(std::size_t place, std::span<const PublicationPtr> publications,
                                   history::Standing& standing) {
  hub::Client& client = *room_.members[place];
  const std::string id = client.id.str();
  std::size_t count = 0;
  for (const PublicationPtr& publication : publications) {
    if (count > 0 && !writable(place)) break;
    ++count;
    const bool is_left_out = !publication->exclude().empty() && publication->excludes(id);
    const auto telling = standing.pass(*publication, is_left_out);
    if (is_left_out) continue;
    count_skipped(client, telling.skipped);
    const PositionedText text(*publication, telling);
    if (telling.epoch || telling.skipped > 0) {
      at_.send_whole(client, text.pieces());
    } else {
      at_.replay(client, publication, text.pieces());
    }
  }
  return count;
}

bool RememberedRoom::writable(std::size_t place) {
  if (is_held(place)) return false;
  hub::Client& client = *room_.members[place];
  if (at_.loop().waiting_bytes(client) < at_.options().history.replay_window) return true;
  at_.loop().await_emptied(client);
  return false;
}

bool RememberedRoom::is_held(std::size_t place) {
  return at_.positions().is_held(room_.members[place]->id, room_.name);
}

void RememberedRoom::make_live(std::size_t place) { parts.make_live(room_.members, place, moved()); }

void RememberedRoom::confirm(std::uint32_t number) { at_.confirm(*this, room_.name, number); }

}  // namespace hearth::shard
