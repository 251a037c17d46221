#include "serve/telling.hpp"

#include "backend/question.hpp"
#include "serve/holder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace hearth::app {

namespace {

/// The beginning of what is told of a client, with the next number of its own.
template <class Request>
QuestionBody event_of(std::string_view type, const Request& request) {
  QuestionBody event(type);
  event.add("clientId", request.client_id);
  if (request.user_id) event.add("userId", *request.user_id);
  if (const Holder* holder = holder_of(request.context); holder != nullptr && holder->life) {
    event.add_json("seq", std::to_string(++holder->life->last_event));
  }
  return event;
}

std::string duration_of(const Holder& holder) {
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - holder.life->since;
  return boost::json::serialize(boost::json::value(std::max(0.0, std::round(duration.count() * 1000) / 1000)));
}

}  // namespace

void Telling::connected(const ClientConnected& event) const {
  if (!roll_) return tell_connected(event);
  roll_->change(event.client_id, [&](Roll::Client& client) {
    if (event.user_id) client.user_id = std::string(*event.user_id);
    client.context = event.context;
    tell_connected(event);
  });
}

void Telling::disconnected(const ClientDisconnected& event) const {
  if (!roll_) return tell_disconnected(event);
  roll_->remove(event.client_id, [&] { tell_disconnected(event); });
}

void Telling::joined(const RoomMembership& event) const {
  if (!roll_) return tell_membership("joined", event);
  roll_->change(event.client_id, [&](Roll::Client& client) {
    client.rooms.emplace(event.room);
    tell_membership("joined", event);
  });
}

void Telling::left(const RoomMembership& event) const {
  if (!roll_) return tell_membership("left", event);
  roll_->change(event.client_id, [&](Roll::Client& client) {
    if (const auto room = client.rooms.find(event.room); room != client.rooms.end()) client.rooms.erase(room);
    tell_membership("left", event);
  });
}

void Telling::tell_connected(const ClientConnected& event) const {
  if (!tells("connected")) return;
  QuestionBody told = event_of("connected", event);
  if (const Holder* holder = holder_of(event.context); holder != nullptr) {
    told.add("remoteAddress", holder->remote_address);
  }
  if (!event.metadata.is_null()) told.add_json("metadata", boost::json::serialize(event.metadata));
  events_.tell(std::move(told));
}

void Telling::tell_disconnected(const ClientDisconnected& event) const {
  if (!tells("disconnected")) return;
  QuestionBody told = event_of("disconnected", event);
  told.add_json("code", std::to_string(event.code)).add("reason", event.reason);
  if (const Holder* holder = holder_of(event.context); holder != nullptr && holder->life) {
    told.add_json("duration", duration_of(*holder));
  }
  events_.tell(std::move(told));
}

void Telling::tell_membership(std::string_view type, const RoomMembership& event) const {
  if (!tells(type)) return;
  QuestionBody told = event_of(type, event);
  told.add("room", event.room);
  events_.tell(std::move(told));
}

void Telling::message(const Message& message) const {
  if (!tells("message")) return;
  QuestionBody told = event_of("message", message);
  told.add("event", message.event);
  if (message.data.has_value()) told.add_json("data", message.data.text());
  events_.tell(std::move(told));
}

void Telling::node(std::string_view state) const {
  if (!tells("node")) return;
  QuestionBody told("node");
  told.add("state", state).add_json("node", json_of(node_));
  events_.tell(std::move(told));
}

void Telling::tell_lost(const NodeName& node, const std::string& id, std::function<void(bool)> outcome) const {
  QuestionBody told("node");
  told.add("state", "lost").add_json("node", json_of(node));
  events_.tell(std::move(told), id, std::move(outcome));
}

// It has been told that all of them are gone.
void Telling::tell_all_again() const {
  node("started");
  roll_->for_each([this](const std::string& id, const Roll::Client& client) {
    const std::optional<std::string_view> user = client.user_id;
    const Holder* holder = holder_of(client.context);
    const boost::json::value nothing;
    tell_connected({id, user, holder != nullptr ? holder->metadata : nothing, client.context});
    for (const std::string& room : client.rooms) tell_membership("joined", {id, user, room, client.context});
  });
}

NodeWatch::Teller Telling::for_watch() const {
  return {[this] { return tells("node"); },
          [this](const NodeName& node, const std::string& id, std::function<void(bool)> outcome) {
            tell_lost(node, id, std::move(outcome));
          },
          [this] { tell_all_again(); }};
}

}  // namespace hearth::app
