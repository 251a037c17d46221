#include "serve/telling.hpp"

#include "backend/question.hpp"
#include "serve/holder.hpp"

#include <boost/json/serialize.hpp>

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
  if (!tells("connected")) return;
  QuestionBody told = event_of("connected", event);
  if (const Holder* holder = holder_of(event.context); holder != nullptr) {
    told.add("remoteAddress", holder->remote_address);
  }
  if (!event.metadata.is_null()) told.add_json("metadata", boost::json::serialize(event.metadata));
  events_.tell(std::move(told));
}

void Telling::disconnected(const ClientDisconnected& event) const {
  if (!tells("disconnected")) return;
  QuestionBody told = event_of("disconnected", event);
  told.add_json("code", std::to_string(event.code)).add("reason", event.reason);
  if (const Holder* holder = holder_of(event.context); holder != nullptr && holder->life) {
    told.add_json("duration", duration_of(*holder));
  }
  events_.tell(std::move(told));
}

void Telling::membership(std::string_view type, const RoomMembership& event) const {
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
  told.add("state", state);
  events_.tell(std::move(told));
}

}  // namespace hearth::app
