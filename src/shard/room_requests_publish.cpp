// `publish`.

#include "protocol/json.hpp"
#include "shard/room_requests.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

namespace error = protocol::request_error;

struct RoomRequests::Wish {
  std::string_view room_json{};
  std::string_view event_json{};
  std::string_view room{};   ///< without quotes and escapes
  std::string_view event{};  ///< the same
  std::string_view data{};
  bool echo = true;
  std::string_view id_json{};
  std::string key{};
  std::string idempotency_key{};  ///< of a room that remembers
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
        id_json(wish.id_json),
        key(wish.key),
        idempotency_key(wish.idempotency_key) {}
  Wish wish() const { return {room_json, event_json, room, event, data, echo, id_json, key, idempotency_key}; }

  std::string room_json;
  std::string event_json;
  std::string room;
  std::string event;
  std::string data;
  bool echo;
  std::string id_json;
  std::string key;
  std::string idempotency_key;
};

/// What is done about a wish once the handler has decided.
struct RoomRequests::Decided {
  RoomRequests* requests;
  protocol::ClientId id;
  const Wish* wish;
  std::shared_ptr<const OwnedWish> kept{};  ///< if that is later

  void keep() { kept = std::make_shared<const OwnedWish>(*wish); }
  void operator()(Outcome<PublishDecision> outcome, HandlerCalls::When when) const {
    RoomRequests& at = *requests;
    hub::Client* client = at.at_.hub.find_open(id);
    if (client != nullptr) at.decided(*client, kept ? kept->wish() : *wish, std::move(outcome));
    if (when == HandlerCalls::When::later && !at.publishes_.is_held(id)) at.at_.turns.end(id);
  }
};

namespace {

constexpr std::size_t kMostKey = 128;

/// A key of a publication; false if it is none.
bool read_key(std::string_view json, std::string& key) {
  if (json == "null") return true;
  if (!protocol::is_string(json) || protocol::has_lone_surrogate(json)) return false;
  std::string scratch;
  key = protocol::unescape(json, scratch);
  return key.size() <= kMostKey;
}

}  // namespace

std::optional<RoomRequests::Wish> RoomRequests::read_wish(const protocol::Envelope& envelope, std::string& room,
                                                          std::string& event, bool remembers) {
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
      if (!remembers || wish.id_json.empty()) continue;
      if (key == "key" && !read_key(at.value(), wish.key)) return std::nullopt;
      if (key == "idempotencyKey" && !read_key(at.value(), wish.idempotency_key)) return std::nullopt;
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
  const bool remembers = at_.remembered != nullptr;
  const auto wish = read_wish(envelope, room_scratch, event_scratch, remembers);
  if (!wish) return refuse(client, {.id_json = envelope.id_json}, error::kInvalidRequest);
  if (protocol::is_reserved_event(wish->event) || (has_own_events() && protocol::is_history_event(wish->event))) {
    return refuse(client, *wish, error::kReservedEvent);
  }
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
  const bool waits = at_.calls.invoke(options_.publish, client.id, HandlerCalls::Purpose::decides, request,
                                      Decided{this, client.id, &wish});
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
  publications_.add();
  from_ = R"({"id":")";
  client.id.append_to(from_);
  from_ += '"';
  if (client.user != nullptr) {
    from_ += R"(,"userId":)";
    protocol::append_quoted(from_, client.user->id);
  }
  from_ += '}';
  if (at_.remembered != nullptr) {
    if (const RulePtr rule = at_.remembered->rule_of(wish.room)) return append(client, wish, data, *rule);
  }
  const std::span<const protocol::ClientId> exclude(&client.id, wish.echo ? 0 : 1);
  const std::string_view event = wish.event_json.substr(1, wish.event_json.size() - 2);
  at_.host.publish({Target::room(wish.room), exclude, event, data, from_, wish.key}, wish.event);
  if (wish.id_json.empty()) return;
  std::string ack = R"({"rooms":[)";
  ack.append(wish.room_json).append("]}");
  if (!publishes_.has(client.id)) return at_.answers.ack(client, ack, wish.id_json);
  answer_publish(
      client, [this, ack, id_json = std::string(wish.id_json)](hub::Client& at) { at_.answers.ack(at, ack, id_json); });
}

// The members get it when it comes back from the log, and the client its answer when the log has it.
void RoomRequests::append(hub::Client& client, const Wish& wish, std::string_view data, const RoomRule& rule) {
  if (protocol::has_lone_surrogate(wish.event_json)) return refuse(client, wish, error::kInvalidRequest);
  const protocol::ClientId id = client.id;
  std::vector<std::string> exclude;
  if (!wish.echo) exclude.push_back(id.str());
  std::string once;
  if (!wish.idempotency_key.empty()) {
    const std::string_view user = client.user != nullptr ? std::string_view(client.user->id) : std::string_view();
    once = std::to_string(user.size());
    once.append(":").append(user).append(wish.idempotency_key);
  }
  const std::uint64_t number = publishes_.begin(id, data.size() + wish.room.size() + wish.event.size());
  Done<Appended> done = [this, id, number, wish = OwnedWish(wish)](const Result<Appended>& result) {
    appended(id, number, answer_to(wish, result));
  };
  try {
    at_.remembered->append({.room = wish.room,
                            .event = wish.event,
                            .data = JsonView::trusted(data),
                            .from = JsonView::trusted(from_),
                            .key = wish.key,
                            .exclude = exclude},
                           rule, once, std::move(done));
  } catch (...) {
    appended(id, number, {});  // no memory: those after it are not to wait for it
    throw;
  }
  if (publishes_.hold(id)) Turns::begin(client);
}

Publishes::Answer RoomRequests::answer_to(const OwnedWish& wish, const Result<Appended>& result) {
  if (wish.id_json.empty()) return {};
  if (!result) {
    const bool is_there = result.error() == HistoryError::not_replicated;
    return [this, id = wish.id_json, why = is_there ? error::kNotReplicated : error::kHistoryUnavailable](
               hub::Client& client) { at_.answers.error(client, why, id); };
  }
  std::string ack = R"({"rooms":[)" + wish.room_json + ']';
  if (result->position.offset != 0) {
    ack.append(R"(,"epoch":")").append(result->position.epoch.str());
    ack.append(R"(","offset":)").append(std::to_string(result->position.offset));
  }
  if (result->duplicate) ack += R"(,"duplicate":true)";
  return [this, ack = ack + '}', id = wish.id_json](hub::Client& client) { at_.answers.ack(client, ack, id); };
}

void RoomRequests::appended(const protocol::ClientId& id, std::uint64_t number, Publishes::Answer answer) {
  for (const Publishes::Answer& given : publishes_.end(id, number, std::move(answer))) {
    hub::Client* client = at_.hub.find_open(id);
    if (client == nullptr) break;
    client->expect_answers(true);  // one that does not take them is not read
    given(*client);
    client->expect_answers(client->busy);
  }
  if (publishes_.takes_more(id)) at_.turns.end(id);
}

/// After those to what it published before.
void RoomRequests::answer_publish(hub::Client& client, Publishes::Answer answer) {
  const protocol::ClientId id = client.id;
  appended(id, publishes_.begin(id, 0), std::move(answer));
  if (publishes_.hold(id)) Turns::begin(client);
}

void RoomRequests::refuse(hub::Client& client, const Wish& wish, const protocol::RequestError& error) {
  if (wish.id_json.empty()) return;
  if (!publishes_.has(client.id)) return at_.answers.error(client, error, wish.id_json);
  answer_publish(client,
                 [this, error, id = std::string(wish.id_json)](hub::Client& at) { at_.answers.error(at, error, id); });
}

}  // namespace hearth::shard
