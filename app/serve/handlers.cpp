#include "serve/handlers.hpp"

#include "hearth/decision.hpp"
#include "hearth/handler.hpp"
#include "hearth/requests.hpp"
#include "serve/door.hpp"

#include <cstddef>
#include <utility>

namespace hearth::app {

namespace {

// What decides without asking anybody, for who has nobody to ask.
template <class Result, class Request>
auto at_once(const CurrentAccess& access, Decision<Result> (Access::*decide)(const Request&) const) {
  return [&access, decide](const Request& request) -> Result {
    const auto now = access.get();
    auto decision = (now.get()->*decide)(request);
    if (decision.passes()) throw Unavailable("there is nobody to ask");
    return std::move(decision).take();
  };
}

template <class Result, class Request>
Handler<Result, Request> handler_of(const CurrentAccess& access,
                                    Decision<Result> (Access::*decide)(const Request&) const, const Asking* asking,
                                    Awaitable<Result> (Asking::*ask)(const Request&) const) {
  if (asking == nullptr) return at_once(access, decide);
  return {[&access, decide](const Request& request) { return (access.get().get()->*decide)(request); },
          [asking, ask](const Request& request) { return (asking->*ask)(request); }};
}

}  // namespace

void add_handlers(Options& options, const CurrentAccess& access, const Asking* asking, bool any_room) {
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
  const Asking* asked = asking != nullptr && asking->has_backend() ? asking : nullptr;
  options.validate_room = handler_of(access, &Access::validate_room, asked, &Asking::validate_room);
  options.publish = handler_of(access, &Access::publish, asked, &Asking::publish);
}

// Those with an id want an answer; the others are told of.
void add_messages(Options& options, const CurrentAccess& access, const Asking* asking, const Telling* telling,
                  std::function<Server&()> server) {
  const bool may_ask = asking != nullptr && asking->has_backend();
  if (!may_ask && telling == nullptr) return;
  const auto at_once = [&access, telling, may_ask](const Message& message) -> Decision<void> {
    if (message.id.empty()) {
      if (telling != nullptr) telling->message(message);
      return {};
    }
    if (!may_ask || !access.get()->is_answered(message.event)) return {};
    return pass;
  };
  if (!may_ask) {
    options.message = [at_once](const Message& message) { static_cast<void>(at_once(message)); };
  } else {
    options.message = {at_once, [asking, server = std::move(server)](const Message& message) {
                         return asking->message(message, server());
                       }};
  }
}

void add_events(Options& options, const Telling& telling) {
  options.client_connected = [&telling](const ClientConnected& event) { telling.connected(event); };
  options.client_disconnected = [&telling](const ClientDisconnected& event) { telling.disconnected(event); };
  options.room_joined = [&telling](const RoomMembership& event) { telling.joined(event); };
  options.room_left = [&telling](const RoomMembership& event) { telling.left(event); };
}

}  // namespace hearth::app
