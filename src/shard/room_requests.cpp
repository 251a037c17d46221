#include "shard/room_requests.hpp"

#include "protocol/json.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace hearth::shard {

namespace {

using protocol::RequestError;
namespace error = protocol::request_error;

/// The elements of `data.rooms`. Anything but an array is as if it were empty.
template <class Function>
void for_each_room(std::string_view data, Function function) {
  if (!protocol::is_object(data)) return;
  const auto rooms = protocol::find_member(data, "rooms");
  if (!rooms || !protocol::is_array(*rooms)) return;
  for (protocol::ArrayCursor at(*rooms); at.next();) function(at.value());
}

std::string quoted(std::string_view text) {
  std::string json;
  protocol::append_quoted(json, text);
  return json;
}

/// Appends an element to a JSON array that is still open.
void add(std::string& array, std::string_view json) {
  if (array.back() != '[') array += ',';
  array += json;
}

const RequestError& error_of(RoomRefusal why) {
  return why == RoomRefusal::unavailable ? error::kRoomCheckUnavailable : error::kRoomRefused;
}

}  // namespace

// --- join

// Whether a name may be another client's: such a room gets what other instances send to that client.
bool RoomRequests::is_anothers_own(const hub::Client& client, std::string_view room) const {
  if (options_.rooms_like_client_ids) return false;
  const auto id = protocol::ClientId::parse(room);
  return id && *id != client.id;
}

RoomRequests::Join RoomRequests::read_join(hub::Client& client, const protocol::Envelope& envelope) {
  Join join;
  join.id_json = envelope.id_json;
  std::string scratch;
  for_each_room(envelope.data, [&](std::string_view value) {
    if (protocol::is_string(value) && !protocol::has_lone_surrogate(value)) {
      const std::string_view name = protocol::unescape(value, scratch);
      if (protocol::is_valid_room_name(name) && !is_anothers_own(client, name)) {
        join.asked.emplace_back(name);
        return;
      }
      if (protocol::is_valid_room_name(name)) {
        log_(LogLevel::warning, "room_refused",
             "a client asked for a room whose name looks like a client id; if the application names its rooms so, set "
             "rooms_like_client_ids",
             {{"client", client.id.str()}, {"room", name}});
      }
    }
    join.refused.push_back({std::string(value), error::kRoomRefused});
  });
  return join;
}

void RoomRequests::join(hub::Client& client, const protocol::Envelope& envelope) {
  Join join = read_join(client, envelope);
  if (join.asked.empty() || !options_.validate_room) {
    for (const std::string& room : join.asked) join.refused.push_back({quoted(room), error::kRoomRefused});
    join.asked.clear();
    return answer(client, join);
  }
  const std::string client_id = client.id.str();
  const auto user_id = client.user != nullptr ? std::optional<std::string>(client.user->id) : std::nullopt;
  const std::vector<std::string> rooms = join.asked;
  const ValidateRoomRequest request{client_id, detail::view(user_id), rooms, client.context()};
  const bool waits = at_.calls.invoke(
      options_.validate_room, client.id, HandlerCalls::Purpose::decides, request,
      [this, id = client.id, join = std::move(join)](Outcome<RoomDecisions> outcome, HandlerCalls::When when) {
        hub::Client* found = at_.hub.find_open(id);
        const bool done = found == nullptr || decided(*found, join, std::move(outcome));
        if (done && when == HandlerCalls::When::later) at_.turns.end(id);
      });
  if (waits) Turns::begin(client);
}

// False if its subscriptions are awaited: something is at work for the client until then.
bool RoomRequests::decided(hub::Client& client, Join join, Outcome<RoomDecisions> outcome) {
  if (at_.calls.log_if_threw("validate_room", client.id, outcome)) {
    const RequestError& why = outcome.is_unavailable() ? error::kRoomCheckUnavailable : error::kRoomCheckFailed;
    for (const std::string& room : std::exchange(join.asked, {})) join.refused.push_back({quoted(room), why});
    answer(client, join);
    return true;
  }
  enter(client, join, outcome.value());
  if (!at_.subscriptions.are_awaited()) {
    answer(client, join);
    return true;
  }
  Turns::begin(client);
  at_.subscriptions.await(client.id, [this, join = std::move(join)](const protocol::ClientId& id) {
    if (hub::Client* joined = at_.hub.find_open(id)) answer(*joined, join);
    at_.turns.end(id);
  });
  return false;
}

// Joins what is allowed, in the order asked, up to the limit; the rest becomes refused.
void RoomRequests::enter(hub::Client& client, Join& join, const RoomDecisions& decisions) {
  const boost::unordered_flat_set<std::string_view, protocol::NameHash> allowed(decisions.allowed.begin(),
                                                                                decisions.allowed.end());
  boost::unordered_flat_map<std::string_view, RoomRefusal, protocol::NameHash> refused;
  for (const auto& [room, why] : decisions.refused) refused.emplace(room, why);

  const std::size_t limit = options_.limits.rooms_per_client;
  std::size_t taken =
      limit != 0 && client.memberships.size() + join.asked.size() > limit ? client.memberships.asked() : 0;
  boost::unordered_flat_set<std::string_view, protocol::NameHash> asked;
  std::vector<std::string> joined;
  for (const std::string& room : join.asked) {
    asked.insert(room);
    if (!allowed.contains(room)) {
      const auto found = refused.find(std::string_view(room));
      join.refused.push_back({quoted(room), error_of(found == refused.end() ? RoomRefusal::refused : found->second)});
    } else if (limit != 0 && taken >= limit && !at_.hub.is_member(client, room)) {
      join.refused.push_back({quoted(room), error::kTooManyRooms});
    } else {
      if (at_.hub.join(client, room, true)) ++taken;
      joined.push_back(room);
    }
  }
  // Rooms that the application has it join of its own accord.
  for (const std::string& room : decisions.allowed) {
    if (!room.empty() && !asked.contains(room)) at_.hub.join(client, room);
  }
  join.asked = std::move(joined);
}

// What was asked for and has not been refused was joined.
void RoomRequests::answer(hub::Client& client, const Join& join) {
  if (join.id_json.empty()) return;
  if (join.refused.empty()) {
    std::string rooms = R"({"rooms":[)";
    for (const std::string& room : join.asked) add(rooms, quoted(room));
    return at_.answers.ack(client, rooms + "]}", join.id_json);
  }
  const RequestError& first = join.refused.front().why;
  std::string more = R"(,"rooms":[)";
  for (const Refusal& refusal : join.refused) add(more, refusal.json);
  more += ']';
  const bool differ = std::any_of(join.refused.begin(), join.refused.end(),
                                  [&](const Refusal& refusal) { return refusal.why.code != first.code; });
  if (differ) {
    more += R"(,"codes":[)";
    for (const Refusal& refusal : join.refused) add(more, std::to_string(refusal.why.code));
    more += ']';
  }
  at_.answers.error(client, first, join.id_json, more);
}

// --- leave

void RoomRequests::leave(hub::Client& client, const protocol::Envelope& envelope) {
  std::string left = R"({"rooms":[)";
  std::string scratch;
  for_each_room(envelope.data, [&](std::string_view value) {
    if (protocol::is_string(value) && at_.hub.leave(client, protocol::unescape(value, scratch))) add(left, value);
  });
  if (!envelope.id_json.empty()) at_.answers.ack(client, left + "]}", envelope.id_json);
}

// --- publish

struct RoomRequests::Wish {
  std::string_view room_json{};
  std::string_view event_json{};
  std::string_view room{};   ///< without quotes and escapes
  std::string_view event{};  ///< the same
  std::string_view data{};
  bool echo = true;
  std::string_view id_json{};
};

/// One that waits for a handler.
struct RoomRequests::OwnedWish {
  explicit OwnedWish(const Wish& wish)
      : room_json(wish.room_json),
        event_json(wish.event_json),
        room(wish.room),
        event(wish.event),
        data(wish.data),
        echo(wish.echo),
        id_json(wish.id_json) {}
  Wish wish() const { return {room_json, event_json, room, event, data, echo, id_json}; }

  std::string room_json;
  std::string event_json;
  std::string room;
  std::string event;
  std::string data;
  bool echo;
  std::string id_json;
};

std::optional<RoomRequests::Wish> RoomRequests::read_wish(const protocol::Envelope& envelope, std::string& room,
                                                          std::string& event) {
  Wish wish;
  wish.id_json = envelope.id_json;
  if (protocol::is_object(envelope.data)) {
    std::string key_scratch;
    for (protocol::ObjectCursor at(envelope.data); at.next();) {
      const std::string_view key = protocol::unescape(at.key(), key_scratch);
      if (key == "room") wish.room_json = at.value();
      if (key == "event") wish.event_json = at.value();
      if (key == "data") wish.data = at.value();
      if (key == "echo") wish.echo = at.value() != "false";
    }
  }
  if (!protocol::is_string(wish.room_json) || !protocol::is_string(wish.event_json)) return std::nullopt;
  if (wish.event_json == R"("")") return std::nullopt;
  wish.room = protocol::unescape(wish.room_json, room);
  wish.event = protocol::unescape(wish.event_json, event);
  return wish;
}

bool RoomRequests::is_default(std::string_view room) const {
  return std::find(options_.default_rooms.begin(), options_.default_rooms.end(), room) != options_.default_rooms.end();
}

void RoomRequests::publish(hub::Client& client, const protocol::Envelope& envelope) {
  std::string room_scratch;
  std::string event_scratch;
  const auto wish = read_wish(envelope, room_scratch, event_scratch);
  if (!wish) return refuse(client, {.id_json = envelope.id_json}, error::kInvalidRequest);
  if (protocol::is_reserved_event(wish->event)) return refuse(client, *wish, error::kReservedEvent);
  if (options_.publish) return ask(client, *wish);
  const bool is_member = !protocol::has_lone_surrogate(wish->room_json) && at_.hub.is_member(client, wish->room);
  if (!is_member) return refuse(client, *wish, error::kNotMember);
  if (!options_.publish_to_default_rooms && is_default(wish->room)) {
    return refuse(client, *wish, error::kPublishRefused);
  }
  send(client, *wish, wish->data);
}

void RoomRequests::ask(hub::Client& client, const Wish& wish) {
  if (!protocol::is_valid_room_name(wish.room) || protocol::has_lone_surrogate(wish.room_json)) {
    return refuse(client, wish, error::kPublishRefused);
  }
  const std::string client_id = client.id.str();
  const PublishRequest request{client_id,
                               client.user != nullptr ? std::optional<std::string_view>(client.user->id) : std::nullopt,
                               wish.room,
                               wish.event,
                               JsonView::trusted(wish.data),
                               at_.hub.is_member(client, wish.room),
                               client.context()};
  const auto owned = options_.publish.is_coroutine() ? std::make_shared<const OwnedWish>(wish) : nullptr;
  const bool waits =
      at_.calls.invoke(options_.publish, client.id, HandlerCalls::Purpose::decides, request,
                       [this, id = client.id, &wish, owned](Outcome<PublishDecision> outcome, HandlerCalls::When when) {
                         hub::Client* found = at_.hub.find_open(id);
                         if (found != nullptr) decided(*found, owned ? owned->wish() : wish, std::move(outcome));
                         if (when == HandlerCalls::When::later) at_.turns.end(id);
                       });
  if (waits) Turns::begin(client);
}

void RoomRequests::decided(hub::Client& client, const Wish& wish, Outcome<PublishDecision> outcome) {
  if (at_.calls.log_if_threw("publish", client.id, outcome)) {
    return refuse(client, wish, outcome.is_unavailable() ? error::kBackendUnavailable : error::kPublishRefused);
  }
  switch (outcome.value().kind()) {
    case PublishDecision::Kind::allow:
      return send(client, wish, wish.data);
    case PublishDecision::Kind::replace:
      return send(client, wish, outcome.value().data().text());
    case PublishDecision::Kind::not_member:
      return refuse(client, wish, error::kNotMember);
    case PublishDecision::Kind::refuse:
      return refuse(client, wish, error::kPublishRefused);
  }
}

void RoomRequests::send(hub::Client& client, const Wish& wish, std::string_view data) {
  from_ = R"({"id":")";
  client.id.append_to(from_);
  from_ += '"';
  if (client.user != nullptr) {
    from_ += R"(,"userId":)";
    protocol::append_quoted(from_, client.user->id);
  }
  from_ += '}';
  const std::span<const protocol::ClientId> exclude(&client.id, wish.echo ? 0 : 1);
  const std::string_view event = wish.event_json.substr(1, wish.event_json.size() - 2);
  at_.host.publish({Target::room(wish.room), exclude, event, data, from_}, wish.event);
  if (wish.id_json.empty()) return;
  std::string ack = R"({"rooms":[)";
  ack.append(wish.room_json).append("]}");
  at_.answers.ack(client, ack, wish.id_json);
}

void RoomRequests::refuse(hub::Client& client, const Wish& wish, const protocol::RequestError& error) {
  if (!wish.id_json.empty()) at_.answers.error(client, error, wish.id_json);
}

}  // namespace hearth::shard
