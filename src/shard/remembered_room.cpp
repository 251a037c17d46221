#include "shard/remembered_room.hpp"

#include "net/counters.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/system_events.hpp"
#include "shard/exclusion.hpp"
#include "shard/remembered_rooms.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace hearth::shard {

namespace {

constexpr std::string_view kRoomKey = R"(,"room":)";
constexpr std::size_t kSealing = 512;  // bytes that encryption adds at most, beside those of base64

/// By what a member that reads slowly is not sent something.
net::Drop drop_by(const RoomRule& rule) noexcept {
  switch (rule.slow_consumer.value_or(RoomSlowConsumer::gap)) {
    case RoomSlowConsumer::latest:
      return net::Drop::latest;
    case RoomSlowConsumer::drop:
      return net::Drop::drop;
    case RoomSlowConsumer::close:
      return net::Drop::backlog;
    default:
      return net::Drop::gap;
  }
}

std::string room_as_member(std::string_view name) {
  std::string json(kRoomKey);
  protocol::append_quoted(json, name);
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

std::vector<protocol::ClientId> ids_in(std::span<const std::string> texts) {
  std::vector<protocol::ClientId> ids;
  ids.reserve(texts.size());
  for (const std::string& text : texts) {
    if (const auto id = protocol::ClientId::parse(text)) ids.push_back(*id);
  }
  return ids;
}

/// The beginning of a message, and what else it says.
class LongerText {
 public:
  LongerText(std::string_view beginning, std::string more) : more_(std::move(more)), pieces_{beginning, more_, "}"} {}
  LongerText(const LongerText&) = delete;
  LongerText& operator=(const LongerText&) = delete;

  std::span<const std::string_view> pieces() const noexcept { return pieces_; }

 private:
  const std::string more_;
  const std::array<std::string_view, 3> pieces_;
};

void add_skipped(std::string& text, std::uint64_t skipped) {
  if (skipped > 0) text += R"(,"skipped":)" + std::to_string(skipped);
}

/// The beginning for a member that knows its place, and what else that is to be told.
std::string_view beginning_of(const StoredPublication& publication) {
  std::string_view text = publication.text();
  text.remove_suffix(1);
  return text;
}

std::string more_of(const StoredPublication& publication, const history::Standing::Telling& telling) {
  std::string more;
  if (telling.epoch) more = R"(,"epoch":")" + publication.position().epoch.str() + '"';
  add_skipped(more, telling.skipped);
  return more;
}

// Of rooms that count by themselves. Nobody is told it.
constexpr Epoch kCounted{1};

history::LogTopPtr counted_from_here() {
  return std::make_shared<const LogTop>(LogTop{{kCounted, 0}, {{kCounted, 1}}});
}

}  // namespace

RememberedRoom::RememberedRoom(RememberedRooms& rooms, hub::Room& room, std::uint32_t ticket, RulePtr rule)
    : hub::Memory(rule->history_size == 0),
      at_(rooms),
      room_(room),
      ticket_(ticket),
      rule_(std::move(rule)),
      room_member_(room_as_member(room.name)),
      audience_(*this, rooms.reads(), rooms.tails(),
                {.tail = rule_->history_size,
                 .ttl = rule_->history_ttl,
                 .window = rooms.options().history.replay_window,
                 .slow = policy_of(*rule_)}) {
  if (has_log()) {
    at_.begun(*this, room_.name);
  } else {
    audience_.opened({kCounted, 0}, counted_from_here(), at_.moment());
  }
}

RememberedRoom::~RememberedRoom() {
  if (has_log()) at_.ended(*this, room_.name);
}

const RulePtr& RememberedRoom::rule_now(const Remembering& rules) {
  const std::uint64_t number = rules.number();
  if (number == rules_of_now_) return rule_now_;
  rule_now_ = rules.rule_of(room_.name);
  rules_of_now_ = number;
  return rule_now_;
}

auto RememberedRoom::moved() {
  return [this](hub::Client* client, std::size_t place) {
    client->memberships.move(*client->memberships.find(&room_), place);
  };
}

std::string_view RememberedRoom::quoted_name() const { return std::string_view(room_member_).substr(kRoomKey.size()); }

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

void RememberedRoom::opt_in(hub::Client& client) {
  const std::size_t place = place_of(client);
  if (place < parts.cursors()) return audience_.opt_in(place);
  if (!parts.is_plain(place)) return;
  parts.give_cursor(room_.members, place, moved());
  parts.make_live(room_.members, place_of(client), moved());
}

// What a gap is about in a room without positions is told by the answer, which has to come first.
void RememberedRoom::drained(hub::Client& client) {
  const std::size_t place = place_of(client);
  if (place >= parts.cursors() || (!has_positions() && is_held(place))) return;
  audience_.drained(place, at_.moment());
}

void RememberedRoom::give_up() {
  while (parts.cursors() > 0) audience_.give_up(parts.cursors() - 1);
}

void RememberedRoom::cursor_leaves(std::size_t place) {
  at_.positions().tell(room_.members[place]->id, room_.name, nullptr);
  audience_.left(place);
}

// In a room without a log it has been sent already.
void RememberedRoom::publish(const PublicationPtr& publication, bool tells_epoch) {
  if (has_log()) {
    const std::vector<protocol::ClientId> ids = ids_in(publication->exclude());
    const Exclusion exclusion(at_.hub(), ids);
    std::size_t first_plain = parts.live_begin();
    if (has_positions()) {
      first_plain = parts.live_end();
      const LongerText text(beginning_of(*publication), more_of(*publication, {.epoch = tells_epoch, .skipped = 0}));
      send(parts.live_begin(), first_plain, text.pieces());
    }
    if (first_plain < room_.members.size()) {
      const std::string_view named = at_.options().name_rooms ? std::string_view(room_member_) : std::string_view();
      send(first_plain, room_.members.size(), std::array<std::string_view, 3>{publication->plain(), named, "}"});
    }
  }
  fall_behind();
  at_.transform_later();
}

// What is for those who are behind is put together where there are any.
void RememberedRoom::deliver(const Publication& publication) {
  const PublicationText text(publication, at_.options().name_rooms ? quoted_name() : std::string_view());
  {
    const Exclusion exclusion(at_.hub(), publication.exclude);
    send(parts.live_begin(), room_.members.size(), text.pieces());
  }
  const bool keeps = rule_->slow_consumer == RoomSlowConsumer::latest;
  if (keeps && (audience_.keeps_latest() || !at_.slow().empty())) {
    return audience_.publication(stored(publication), at_.moment());
  }
  audience_.pass_over();
  fall_behind();
  at_.transform_later();
}

PublicationPtr RememberedRoom::stored(const Publication& publication) const {
  std::string scratch;
  const std::string event_json = '"' + std::string(publication.event) + '"';
  std::vector<std::string> exclude;
  for (const protocol::ClientId& id : publication.exclude) exclude.push_back(id.str());
  const hearth::Publication kept{.room = room_.name,
                                 .position = {kCounted, audience_.position().offset + 1},
                                 .event = protocol::unescape(event_json, scratch),
                                 .data = JsonView::trusted(publication.data),
                                 .from = JsonView::trusted(publication.from),
                                 .key = publication.key,
                                 .exclude = exclude};
  return std::make_shared<const StoredPublication>(kept);
}

/// To the members that stand from one place to another. Those who do not take it are noted, if the rule says what is to
/// become of them.
void RememberedRoom::send(std::size_t begin, std::size_t end, std::span<const std::string_view> pieces) {
  const bool has_policy = rule_->slow_consumer.has_value();
  const std::size_t most = limit();
  net::Loop& loop = at_.loop();
  std::optional<net::Outgoing> message;
  std::size_t ample = 0;  // more bytes than it takes, encrypted or not
  for (hub::Client* const member : std::span(room_.members).subspan(begin, end - begin)) {
    hub::Client& client = *member;
    if (client.excluded || !client.is_authenticated()) continue;
    if (client.transformed) {
      at_.to_transform(client, pieces);
      continue;
    }
    if (!message) {
      loop.note_publication();
      message = loop.stage(pieces);
      ample = 2 * message->size() + kSealing;
    }
    // For most so little waits that it need not be looked at closely.
    if (!has_policy || loop.waiting_bytes(client) + ample <= most || loop.has_room(client, *message, most)) {
      loop.send(client, *message);
    } else {
      at_.slow().push_back(&client);
    }
  }
}

/// Bytes that may wait for a member.
std::size_t RememberedRoom::limit() const {
  const std::size_t most = at_.loop().backlog_limit();
  const bool takes_all = drops() || rule_->slow_consumer == RoomSlowConsumer::close;
  return takes_all ? most : std::min(most, at_.options().history.catch_up_at);
}

void RememberedRoom::fall_behind() {
  for (hub::Client* client : std::exchange(at_.slow(), {})) {
    if (client->is_open()) fall_behind(*client);
  }
}

void RememberedRoom::fall_behind(hub::Client& client) {
  const bool closes = rule_->slow_consumer == RoomSlowConsumer::close;
  const bool is_plain = parts.is_plain(place_of(client));
  if (closes || (is_plain && drops())) {
    count_skipped(client, 1);
    if (closes) at_.outlet().close(client, protocol::kSlowConsumer);
    return;
  }
  parts.give_cursor(room_.members, place_of(client), moved());
  audience_.fell_behind(is_plain);
  at_.await_emptied(client);
}

void RememberedRoom::gap(const history::Gap& gap) {
  for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) {
    send_gap(*room_.members[place], gap);
  }
}

void RememberedRoom::gap(std::size_t place, const history::Gap& gap) {
  hub::Client& client = *room_.members[place];
  count_skipped(client, gap.skipped);
  if (has_positions() && is_held(place)) return at_.positions().tell(client.id, room_.name, gap);
  send_gap(client, gap);
}

void RememberedRoom::skipped(std::size_t place, std::uint64_t count) { count_skipped(*room_.members[place], count); }

void RememberedRoom::count_skipped(hub::Client& client, std::uint64_t count) noexcept {
  if (count > 0) at_.loop().count_drops(client, count, drop_by(*rule_));
}

/// What a plain message says beside what is said to all rooms. Who is to know what was skipped is to know where.
std::string RememberedRoom::more_of_plain(std::uint64_t skipped) const {
  std::string more;
  if (at_.options().name_rooms || skipped > 0) more = room_member_;
  add_skipped(more, skipped);
  return more;
}

void RememberedRoom::send_gap(hub::Client& client, const history::Gap& gap) {
  std::string data = R"({"room":)" + std::string(quoted_name());
  data.append(R"(,"reason":")").append(history::name_of(gap.reason)).append(1, '"');
  if (has_positions()) {
    data.append(R"(,"epoch":")").append(gap.stands.epoch.str());
    data.append(R"(","offset":)").append(std::to_string(gap.stands.offset));
    data.append(R"(,"top":)").append(std::to_string(gap.top));
  }
  add_skipped(data, gap.skipped);
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
    const bool is_positioned = has_positions() && !standing.is_plain;
    const LongerText text(
        is_positioned ? beginning_of(*publication) : publication->plain(),
        is_positioned ? more_of(*publication, telling) : more_of_plain(standing.is_plain ? 0 : telling.skipped));
    if (!is_positioned || telling.epoch || telling.skipped > 0) {
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
  at_.await_emptied(client);
  return false;
}

bool RememberedRoom::is_held(std::size_t place) {
  return at_.positions().is_held(room_.members[place]->id, room_.name);
}

void RememberedRoom::make_live(std::size_t place) { parts.make_live(room_.members, place, moved()); }

void RememberedRoom::make_plain(std::size_t place) { parts.make_plain(room_.members, place, moved()); }

void RememberedRoom::confirm(std::uint32_t number) { at_.confirm(*this, room_.name, number); }

}  // namespace hearth::shard
