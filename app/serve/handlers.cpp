#include "serve/handlers.hpp"

#include "hearth/decision.hpp"
#include "hearth/handler.hpp"
#include "hearth/requests.hpp"
#include "serve/door.hpp"

#include <cstddef>
#include <utility>

namespace hearth::app {

namespace {

template <class Result, class Request>
Handler<Result, Request> handler_of(const CurrentAccess& access,
                                    Decision<Result> (Access::*decide)(const Request&) const, const Asking& asking,
                                    Awaitable<Result> (Asking::*ask)(const Request&) const) {
  return {[&access, decide](const Request& request) { return (access.get().get()->*decide)(request); },
          [&asking, ask](const Request& request) { return (asking.*ask)(request); }};
}

}  // namespace

void add_handlers(Options& options, const CurrentAccess& access, const Asking& asking, bool any_room) {
  options.client_publish = true;
  options.default_rooms = access.get()->rooms_of_everybody();
  options.authentication_method = [&access](const AuthenticateRequest& request) {
    return kDoors[static_cast<std::size_t>(access.get()->door_of(request))];
  };
  options.authenticate = handler_of(access, &Access::authenticate, asking, &Asking::authenticate);
  if (any_room) {
    options.validate_room = [](const ValidateRoomRequest& request) {
      return RoomDecisions({request.rooms.begin(), request.rooms.end()});
    };
    return;
  }
  options.publish_to_default_rooms = true;  // the rules decide about them, too
  options.validate_room = handler_of(access, &Access::validate_room, asking, &Asking::validate_room);
  options.publish = handler_of(access, &Access::publish, asking, &Asking::publish);
}

// Those with an id want an answer; the others are told of.
void add_messages(Options& options, const CurrentAccess& access, const Asking& asking, const Telling* telling) {
  const auto at_once = [&access, telling](const Message& message) -> Decision<void> {
    if (message.id.empty()) {
      if (telling != nullptr) telling->message(message);
      return {};
    }
    if (!access.get()->is_answered(message.event)) return {};
    return pass;
  };
  options.message = {at_once, [&asking](const Message& message) { return asking.message(message); }};
}

void add_events(Options& options, const Telling& telling) {
  options.client_connected = [&telling](const ClientConnected& event) { telling.connected(event); };
  options.client_disconnected = [&telling](const ClientDisconnected& event) { telling.disconnected(event); };
  options.room_joined = [&telling](const RoomMembership& event) { telling.joined(event); };
  options.room_left = [&telling](const RoomMembership& event) { telling.left(event); };
}

}  // namespace hearth::app
