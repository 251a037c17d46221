#include "shard/remembered_rooms.hpp"

#include "shard/shard.hpp"

#include <algorithm>
#include <chrono>

namespace hearth::shard {

namespace {

bool is_behind(const hub::Client& client) {
  return std::any_of(client.memberships.begin(), client.memberships.end(), [](const auto& membership) {
    const auto& memory = membership.room->memory;
    return memory && membership.place < memory->parts.cursors();
  });
}

}  // namespace

RememberedRooms::RememberedRooms(Around around, std::uint8_t shard)
    : around_(std::move(around)),
      shard_(shard),
      tails_(around_.options.history.cache / std::max<std::size_t>(around_.shards, 1)),
      stalls_(around_.hub, around_.outlet, around_.options.history.stall_timeout, is_behind) {}

RememberedRooms::~RememberedRooms() = default;

std::unique_ptr<hub::Memory> RememberedRooms::memory_of(hub::Room& room) {
  RulePtr rule = around_.remembering.rule_to_be(room.name);
  if (!rule || (rule->history_size > 0 && around_.feeds == nullptr)) return nullptr;
  return std::make_unique<RememberedRoom>(*this, room, ++last_ticket_, std::move(rule));
}

// What is published in a room that comes to remember goes into its log: it must hear that.
bool RememberedRooms::retire(hub::Room& room) {
  auto& here = static_cast<RememberedRoom&>(*room.memory);
  if (here.has_log()) return false;
  const RulePtr rule = around_.remembering.rule_to_be(room.name);
  if (!rule || rule->history_size == 0) return false;
  here.give_up();
  return true;
}

// Before the broker is asked to subscribe to the room.
void RememberedRooms::begun(RememberedRoom& room, std::string_view name) {
  rooms_.emplace(room.ticket(), &room);
  const auto until = around_.loop.clock() + kPatience;
  opening_.emplace(room.ticket(), Opening{around_.subscriptions.expect(), until});
  deadline_ = std::min(deadline_, until);
  around_.feeds->open(std::string(name), opener(room));
}

void RememberedRooms::ended(RememberedRoom& room, std::string_view name) {
  rooms_.erase(room.ticket());
  ready(room.ticket());
  around_.feeds->close(std::string(name), opener(room));
}

void RememberedRooms::ready(std::uint32_t ticket) {
  const auto opening = opening_.find(ticket);
  if (opening == opening_.end()) return;
  const std::uint64_t subscription = opening->second.subscription;
  opening_.erase(opening);
  around_.subscriptions.confirm(subscription);
}

void RememberedRooms::confirm(const RememberedRoom& room, std::string_view name, std::uint32_t number) {
  around_.feeds->confirm(std::string(name), opener(room), number);
}

history::Moment RememberedRooms::moment() const {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {around_.loop.clock(), std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

void RememberedRooms::pass(const Passed& passed) {
  if (around_.tally.is_on() && rooms_.contains(passed.ticket)) {
    const StoredPublication& publication = *passed.publication;
    around_.tally.room_message(publication.room(), publication.event().size() + publication.data().text().size());
  }
  hear(passed.ticket,
       [&](history::Audience& audience, const history::Moment& now) { audience.publication(passed.publication, now); });
}

RememberedRoom* RememberedRooms::find(std::string_view name) const {
  const hub::Room* room = around_.hub.find_room(name);
  return room != nullptr ? static_cast<RememberedRoom*>(room->memory.get()) : nullptr;
}

void RememberedRooms::position(hub::Client& client, const std::vector<std::pair<std::string, history::Since>>& rooms,
                               Positions::Then then) {
  std::vector<std::string> names;
  names.reserve(rooms.size());
  for (const auto& [name, since] : rooms) names.push_back(name);
  const protocol::ClientId id = client.id;
  positions_.await(id, std::move(names), std::move(then));
  for (const auto& [name, since] : rooms) {
    RememberedRoom* room = find(name);
    if (room != nullptr && room->has_positions()) {
      room->position(client, since);
      note_deadline(*room);
    } else {
      if (room != nullptr) room->opt_in(client);
      positions_.tell(id, name, nullptr);
    }
  }
  settle();
}

void RememberedRooms::await_emptied(hub::Client& client) {
  around_.loop.await_emptied(client);
  stalls_.waits(client, around_.loop.now());
}

void RememberedRooms::emptied(hub::Client& client) {
  stalls_.goes_on(client);
  drained(client);
}

void RememberedRooms::drained(hub::Client& client) {
  for (const auto& membership : client.memberships) {
    if (!membership.room->memory) continue;
    auto& room = static_cast<RememberedRoom&>(*membership.room->memory);
    room.drained(client);
    note_deadline(room);
  }
  settle();
}

void RememberedRooms::expire() {
  replays_.end_tick();
  stalls_.expire(around_.loop.input_seen());
  if (rooms_.empty()) return;
  settle();
  const history::Moment now = moment();
  if (now.steady < deadline_) return;
  deadline_ = std::chrono::steady_clock::time_point::max();
  for (const auto& [ticket, room] : rooms_) {
    room->audience().advance(now);
    note_deadline(*room);
  }
  std::vector<std::uint32_t> late;
  for (const auto& [ticket, opening] : opening_) {
    if (opening.until <= now.steady)
      late.push_back(ticket);
    else
      deadline_ = std::min(deadline_, opening.until);
  }
  for (const std::uint32_t ticket : late) ready(ticket);
  settle();
}

std::optional<net::TimePoint> RememberedRooms::next() const noexcept {
  if (deadline_ == std::chrono::steady_clock::time_point::max()) return stalls_.next();
  const auto deadline = std::chrono::ceil<net::Millis>(deadline_);
  return std::min(deadline, stalls_.next().value_or(deadline));
}

/// What has come to be wanted while the rooms were at work.
void RememberedRooms::settle() {
  release();
  read_pages();
}

void RememberedRooms::release() {
  for (const protocol::ClientId& id : positions_.take_released()) {
    if (hub::Client* client = around_.hub.find_open(id)) drained(*client);
    around_.located(id);
  }
}

void RememberedRooms::read_pages() {
  while (const auto asked = reads_.next()) {
    const auto& room = static_cast<const RememberedRoom&>(*asked->host);
    read(room.name(), asked->read.after, asked->read.count,
         [this, ticket = room.ticket(), number = asked->number](const Result<LogPage>& found) {
           page(ticket, number, found);
         });
  }
}

// Answers that are there at once come by mail too.
void RememberedRooms::read(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) {
  around_.history->read(room, after, count, [mailbox = around_.mailbox, done = std::move(done)](Result<LogPage> page) {
    Task task = [done, page = std::move(page)](Shard& /*shard*/) { done(page); };
    mailbox->post(std::move(task), sizeof(Task), false);
  });
}

RulePtr RememberedRooms::rule_of(std::string_view name) const {
  const hub::Room* room = around_.hub.find_room(name);
  if (room == nullptr) return around_.remembering.rule_of(name);
  return room->memory ? static_cast<RememberedRoom&>(*room->memory).rule_now(around_.remembering) : nullptr;
}

void RememberedRooms::append(const hearth::Publication& publication, const RoomRule& rule,
                             std::string_view idempotency_key, Done<Appended> done) {
  const Shard* const here = Shard::current();
  if (around_.options.history_rolled_back) {
    done = [feeds = around_.feeds, room = std::string(publication.room),
            done = std::move(done)](const Result<Appended>& appended) {
      if (appended) feeds->acked(room, appended->position);
      done(appended);
    };
  }
  around_.history->append(publication, Remembering::retention(rule), idempotency_key,
                          [here, mailbox = around_.mailbox, done = std::move(done)](Result<Appended> appended) {
                            if (Shard::current() == here) return done(appended);
                            Task task = [done, appended](Shard& /*shard*/) { done(appended); };
                            mailbox->post(std::move(task), sizeof(Task), false);
                          });
}

void RememberedRooms::page(std::uint32_t ticket, std::uint64_t number, const Result<LogPage>& page) {
  reads_.page(number, page, moment());
  if (const auto room = rooms_.find(ticket); room != rooms_.end()) note_deadline(*room->second);
  settle();
}

void RememberedRooms::send_whole(hub::Client& client, std::span<const std::string_view> pieces) {
  if (client.transformed) return around_.outlet.send(client, pieces);
  net::Outgoing message = around_.loop.stage(pieces);
  around_.loop.send_whole(client, message);
}

void RememberedRooms::replay(hub::Client& client, const PublicationPtr& publication,
                             std::span<const std::string_view> pieces) {
  if (client.transformed) return around_.outlet.send(client, pieces);
  replays_.send(
      around_.loop, publication, [&] { return around_.loop.stage(pieces); },
      [&](net::Outgoing& message) { around_.loop.send_whole(client, message); });
}

void RememberedRooms::to_transform(const hub::Client& client, std::span<const std::string_view> pieces) {
  std::string text;
  for (const std::string_view piece : pieces) text += piece;
  to_transform_.emplace_back(client.id, std::move(text));
}

void RememberedRooms::transform_later() {
  if (to_transform_.empty()) return;
  for (const auto& [id, text] : std::exchange(to_transform_, {})) {
    const std::string_view piece = text;
    if (hub::Client* client = around_.hub.find_open(id)) around_.outlet.send(*client, {&piece, 1});
  }
}

}  // namespace hearth::shard
