#include "hub/invoke.hpp"
#include "hub/shard.hpp"
#include "protocol/json.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <array>
#include <utility>

namespace hearth::hub {

namespace {

struct OwnedValidateRoom {
  std::string client_id;
  std::optional<std::string> user_id;
  std::vector<std::string> rooms;

  ValidateRoomRequest request() const {
    return {client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt, rooms};
  }
};

/// The elements of `data.rooms`. Anything but an array is as if it were empty.
template <class Function>
void for_each_room(std::string_view data, Function function) {
  if (!protocol::is_object(data)) return;
  const auto rooms = protocol::find_member(data, "rooms");
  if (!rooms || !protocol::is_array(*rooms)) return;
  for (protocol::ArrayCursor at(*rooms); at.next();) function(at.value());
}

/// A JSON array made element by element.
class JsonArray {
 public:
  void add(std::string_view json) { (text_.size() > 1 ? text_ += ',' : text_) += json; }
  void add_text(std::string_view text) {
    if (text_.size() > 1) text_ += ',';
    protocol::append_quoted(text_, text);
  }
  bool empty() const noexcept { return text_.size() == 1; }
  std::string str() const { return text_ + ']'; }

 private:
  std::string text_ = "[";
};

/// What a client asked to join: the names it may ask for, and the others as they came.
struct AskedRooms {
  std::vector<std::string> names;
  JsonArray refused;
};

AskedRooms read_asked_rooms(std::string_view data) {
  AskedRooms asked;
  std::string scratch;
  for_each_room(data, [&](std::string_view value) {
    if (protocol::is_string(value)) {
      const std::string_view name = protocol::unescape(value, scratch);
      if (protocol::is_valid_room_name(name)) {
        asked.names.emplace_back(name);
        return;
      }
    }
    asked.refused.add(value);
  });
  return asked;
}

}  // namespace

void Shard::join(Client& client, const protocol::Envelope& envelope) {
  AskedRooms asked = read_asked_rooms(envelope.data);
  const std::string id_json(envelope.id_json);
  const auto user_id = client.user != nullptr ? std::optional(client.user->id) : std::nullopt;
  if (asked.names.empty() || !options_.validate_room) {
    return answer_join(client, {std::move(asked.names), {}, asked.refused.str(), id_json, false});
  }
  const std::string client_id = client.id.str();
  const ValidateRoomRequest request{client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt,
                                    asked.names};
  client.set_busy(options_.validate_room.is_coroutine());
  invoke(
      options_.validate_room, request,
      [&] {
        return OwnedValidateRoom{client_id, user_id, asked.names};
      },
      [id = client.id, names = asked.names, refused = asked.refused.str(), id_json](
          Shard& shard, Outcome<std::vector<std::string>> outcome) {
        const bool failed = shard.log_if_threw("validate_room", id, outcome);
        Client* found = shard.open_client(id);
        const bool done = found == nullptr ||
                          shard.finish_join(*found, {names, std::move(outcome.value()), refused, id_json, failed});
        if (done && shard.options_.validate_room.is_coroutine()) shard.next_turn(id);
      });
}

bool Shard::finish_join(Client& client, JoinOutcome outcome) {
  for (const std::string& room : outcome.allowed) {
    if (!room.empty()) hub_.join(client, room);
  }
  if (!awaits_subscription()) {
    answer_join(client, std::move(outcome));
    return true;
  }
  client.busy = true;
  when_subscribed(client.id, [outcome](Shard& shard, const protocol::ClientId& id) {
    if (Client* joined = shard.open_client(id)) shard.answer_join(*joined, outcome);
    shard.next_turn(id);
  });
  return false;
}

void Shard::answer_join(Client& client, JoinOutcome outcome) {
  if (outcome.id_json.empty()) return;
  const boost::unordered_flat_set<std::string_view, protocol::NameHash> allowed(outcome.allowed.begin(),
                                                                                outcome.allowed.end());
  std::string refused_json = std::move(outcome.refused_json);
  refused_json.pop_back();  // the bracket
  JsonArray joined;
  for (const std::string& room : outcome.asked) {
    if (allowed.contains(room)) {
      joined.add_text(room);
    } else {
      if (refused_json.size() > 1) refused_json += ',';
      protocol::append_quoted(refused_json, room);
    }
  }
  refused_json += ']';
  if (refused_json == "[]") {
    return answer(client, protocol::event::kAck, R"({"rooms":)" + joined.str() + '}', outcome.id_json);
  }
  const auto& error =
      outcome.failed ? protocol::request_error::kRoomCheckFailed : protocol::request_error::kRoomRefused;
  answer_error(client, error, outcome.id_json, refused_json);
}

void Shard::leave(Client& client, const protocol::Envelope& envelope) {
  JsonArray left;
  std::string scratch;
  for_each_room(envelope.data, [&](std::string_view value) {
    if (protocol::is_string(value) && hub_.leave(client, protocol::unescape(value, scratch))) left.add(value);
  });
  if (envelope.id_json.empty()) return;
  answer(client, protocol::event::kAck, R"({"rooms":)" + left.str() + '}', envelope.id_json);
}

// docs/protocol.md, Publish.
void Shard::publish(Client& client, const protocol::Envelope& envelope) {
  std::string_view room_json;
  std::string_view event_json;
  std::string_view data;
  bool echo = true;
  if (protocol::is_object(envelope.data)) {
    std::string key_scratch;
    for (protocol::ObjectCursor at(envelope.data); at.next();) {
      const std::string_view key = protocol::unescape(at.key(), key_scratch);
      if (key == "room") room_json = at.value();
      if (key == "event") event_json = at.value();
      if (key == "data") data = at.value();
      if (key == "echo") echo = at.value() != "false";
    }
  }
  const auto refuse = [&](const protocol::RequestError& error) {
    if (!envelope.id_json.empty()) answer_error(client, error, envelope.id_json);
  };
  if (!protocol::is_string(room_json) || !protocol::is_string(event_json) || event_json == R"("")") {
    return refuse(protocol::request_error::kInvalidRequest);
  }
  std::string room_scratch;
  std::string event_scratch;
  const std::string_view room = protocol::unescape(room_json, room_scratch);
  const std::string_view event = protocol::unescape(event_json, event_scratch);
  if (protocol::is_reserved_event(event)) {
    return refuse(protocol::request_error::kReservedEvent);
  }
  if (!hub_.is_member(client, room)) return refuse(protocol::request_error::kNotMember);

  constexpr std::string_view kFrom = R"(,"from":)";
  scratch_ = kFrom;
  scratch_ += R"({"id":")";
  client.id.append_to(scratch_);
  scratch_ += '"';
  if (client.user != nullptr) {
    scratch_ += R"(,"userId":)";
    protocol::append_quoted(scratch_, client.user->id);
  }
  scratch_ += "}}";
  const std::array<std::string_view, 5> pieces{R"({"event":)", event_json, data.empty() ? "" : R"(,"data":)", data,
                                               scratch_};
  const std::span<const protocol::ClientId> exclude(&client.id, echo ? 0 : 1);
  core_.deliver({Target::room(room), exclude}, pieces);
  // The sender, whom `echo` concerns, is here.
  const std::string_view from = std::string_view(scratch_).substr(kFrom.size(), scratch_.size() - kFrom.size() - 1);
  core_.port().publish(Target::room(room), event, JsonView::trusted(data), {}, JsonView::trusted(from));
  if (!envelope.id_json.empty()) {
    const std::array<std::string_view, 3> ack{R"({"rooms":[)", room_json, "]}"};
    std::string text;
    for (const auto piece : ack) text += piece;
    answer(client, protocol::event::kAck, text, envelope.id_json);
  }
}

}  // namespace hearth::hub
