#include "shard/room_requests.hpp"

#include "protocol/json.hpp"
#include "protocol/name_hash.hpp"
#include "shard/since.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <memory>
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
  if (join.id_json.empty()) return join;
  if (at_.remembered != nullptr) read_since(client, envelope, join);
  if (has_own_events()) read_presence(envelope, join);
  return join;
}

// Of the rooms that are asked for.
void RoomRequests::read_presence(const protocol::Envelope& envelope, Join& join) {
  if (!protocol::is_object(envelope.data)) return;
  const auto presence = protocol::find_member(envelope.data, "presence");
  if (!presence || *presence == "null") return;
  join.is_valid = join.is_valid && protocol::is_array(*presence);
  if (!join.is_valid) return;
  join.presence.emplace();
  boost::unordered_flat_set<std::string, protocol::NameHash, std::equal_to<>> wanted;
  std::string scratch;
  for (protocol::ArrayCursor at(*presence); at.next();) {
    join.is_valid = join.is_valid && protocol::is_string(at.value());
    if (!join.is_valid) return;
    if (!protocol::has_lone_surrogate(at.value())) wanted.emplace(protocol::unescape(at.value(), scratch));
  }
  for (const std::string& room : join.asked) {
    const auto found = wanted.find(room);
    if (found == wanted.end()) continue;
    join.presence->push_back(room);
    wanted.erase(found);
  }
}

// Of the rooms that are asked for; a client that is being replayed what it missed cannot ask for something else.
void RoomRequests::read_since(const hub::Client& client, const protocol::Envelope& envelope, Join& join) {
  if (!protocol::is_object(envelope.data)) return;
  const auto since = protocol::find_member(envelope.data, "since");
  if (!since || *since == "null") return;
  join.is_valid = protocol::is_object(*since);
  if (!join.is_valid) return;
  boost::unordered_flat_map<std::string, history::Since, protocol::NameHash, std::equal_to<>> by_room;
  std::string scratch;
  for (protocol::ObjectCursor at(*since); join.is_valid && at.next();) {
    const auto parsed = parse_since(at.value());
    join.is_valid = parsed && !protocol::has_lone_surrogate(at.key());
    if (join.is_valid) by_room.insert_or_assign(std::string(protocol::unescape(at.key(), scratch)), *parsed);
  }
  for (const std::string& room : join.asked) {
    const auto found = by_room.find(room);
    if (found == by_room.end()) continue;
    const RememberedRoom* remembered = at_.remembered->find(room);
    if (remembered != nullptr && at_.hub.is_member(client, room) && remembered->is_replaying(client)) {
      join.is_valid = false;
    }
    join.since.emplace_back(room, found->second);
    by_room.erase(found);
  }
}

void RoomRequests::join(hub::Client& client, const protocol::Envelope& envelope) {
  Join join = read_join(client, envelope);
  if (!join.is_valid) return at_.answers.error(client, error::kInvalidRequest, join.id_json);
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
  if (!at_.subscriptions.are_awaited()) return locate(client, std::move(join));
  Turns::begin(client);
  at_.subscriptions.await(client.id, [this, join = std::move(join)](const protocol::ClientId& id) {
    hub::Client* joined = at_.hub.find_open(id);
    if (joined == nullptr || locate(*joined, join)) at_.turns.end(id);
  });
  return false;
}

// False if it is not known yet where it stands in what it has joined: something is at work for it until then.
bool RoomRequests::locate(hub::Client& client, Join join) {
  std::erase_if(join.since, [&](const auto& since) { return !at_.hub.is_member(client, since.first); });
  if (join.since.empty()) {
    answer(client, join);
    return true;
  }
  const protocol::ClientId id = client.id;
  const auto is_told = std::make_shared<bool>(false);
  const auto since = std::exchange(join.since, {});
  at_.remembered->position(
      client, since,
      [this, join = std::move(join), is_told](const protocol::ClientId& told, std::string_view positions) {
        *is_told = true;
        if (hub::Client* joined = at_.hub.find_open(told)) answer(*joined, join, positions);
      });
  if (*is_told) return true;
  Turns::begin(client);
  locating_.insert(id);
  return false;
}

void RoomRequests::located(const protocol::ClientId& id) {
  if (locating_.erase(id) > 0) at_.turns.end(id);
}

void RoomRequests::forget(const protocol::ClientId& id) {
  if (at_.remembered == nullptr) return;
  at_.remembered->forget(id);
  located(id);
}

/// Notes that a client has asked for too many rooms. Whether that is to be refused.
bool RoomRequests::is_past_limit(const hub::Client& client) {
  constexpr Limit kLimit = Limit::rooms_per_client;
  at_.hits.add(kLimit, {{"limit", name_of(kLimit)}, {"client", client.id.str()}});
  return !is_dry_run_;
}

// Joins what is allowed, in the order asked, up to the limit; the rest becomes refused.
void RoomRequests::enter(hub::Client& client, Join& join, const RoomDecisions& decisions) {
  using Names = boost::unordered_flat_set<std::string_view, protocol::NameHash>;
  const auto names = [](const std::vector<std::string>& rooms) { return Names(rooms.begin(), rooms.end()); };
  // Mostly what is allowed is what was asked for, and then no name has to be looked for.
  const bool allows_all = decisions.allowed == join.asked;
  const Names allowed = allows_all ? Names() : names(decisions.allowed);
  const Names asked = allows_all ? Names() : names(join.asked);
  boost::unordered_flat_map<std::string_view, RoomRefusal, protocol::NameHash> refused;
  for (const auto& [room, why] : decisions.refused) refused.emplace(room, why);

  const std::size_t limit = most_rooms_;
  std::size_t taken =
      limit != 0 && client.memberships.size() + join.asked.size() > limit ? client.memberships.asked() : 0;
  std::vector<std::string> joined;
  for (const std::string& room : join.asked) {
    if (!allows_all && !allowed.contains(room)) {
      const auto found = refused.find(std::string_view(room));
      join.refused.push_back({quoted(room), error_of(found == refused.end() ? RoomRefusal::refused : found->second)});
    } else if (limit != 0 && taken >= limit && !at_.hub.is_member(client, room) && is_past_limit(client)) {
      join.refused.push_back({quoted(room), error::kTooManyRooms});
    } else {
      if (at_.hub.join(client, room, true)) ++taken;
      joined.push_back(room);
    }
  }
  // Rooms that the application has it join of its own accord.
  for (const std::string& room : decisions.allowed) {
    if (!allows_all && !room.empty() && !asked.contains(room)) at_.hub.join(client, room);
  }
  join.asked = std::move(joined);
}

// Of the rooms that it has joined.
void RoomRequests::watch(const hub::Client& client, const Join& join) {
  for (const std::string& room : *join.presence) {
    if (at_.present != nullptr) at_.present->watch(client, room);
  }
}

// What was asked for and has not been refused was joined; and what has no presence, although that is refused.
void RoomRequests::answer(hub::Client& client, Join join, std::string_view positions) {
  if (join.id_json.empty()) return;
  if (join.presence) {
    std::erase_if(*join.presence, [&](const std::string& room) { return !at_.hub.is_member(client, room); });
    for (const std::string& room : *join.presence) {
      const bool has = at_.present != nullptr && at_.present->has(room);
      if (!has) join.refused.push_back({quoted(room), error::kNoPresence});
    }
  }
  say(client, join, positions);
  if (join.presence) watch(client, join);
}

void RoomRequests::say(hub::Client& client, const Join& join, std::string_view positions) {
  if (join.refused.empty()) {
    std::string rooms = R"({"rooms":[)";
    for (const std::string& room : join.asked) add(rooms, quoted(room));
    rooms += ']';
    if (!positions.empty()) rooms.append(R"(,"positions":)").append(positions);
    return at_.answers.ack(client, rooms + '}', join.id_json);
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
  if (!positions.empty() || join.presence) {
    more += R"(,"joined":[)";
    for (const std::string& room : join.asked) add(more, quoted(room));
    more += ']';
  }
  if (!positions.empty()) more.append(R"(,"positions":)").append(positions);
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

}  // namespace hearth::shard
