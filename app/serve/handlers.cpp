#include "serve/handlers.hpp"

#include "hearth/decision.hpp"
#include "hearth/handler.hpp"

#include <utility>

namespace hearth::app {

namespace {

// What decides without asking anybody, for who has nobody to ask.
template <class Result, class Request>
auto at_once(const Access& access, Decision<Result> (Access::*decide)(const Request&) const) {
  return [&access, decide](const Request& request) -> Result {
    auto decision = (access.*decide)(request);
    if (decision.passes()) throw Unavailable("there is nobody to ask");
    return std::move(decision).take();
  };
}

template <class Result, class Request>
Handler<Result, Request> handler_of(const Access& access, Decision<Result> (Access::*decide)(const Request&) const,
                                    const Asking* asking, Awaitable<Result> (Asking::*ask)(const Request&) const) {
  if (asking == nullptr) return at_once(access, decide);
  return {[&access, decide](const Request& request) { return (access.*decide)(request); },
          [asking, ask](const Request& request) { return (asking->*ask)(request); }};
}

}  // namespace

void add_handlers(Options& options, const Access& access, const Asking* asking, bool any_room) {
  options.client_publish = true;
  options.default_rooms = access.rooms_of_everybody();
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

// How many questions may wait is the backend's to say.
void add_backend(Options& options, const config::Config& config, BackendThread& thread) {
  options.executor = thread.executor();
  options.limits.running_handlers += config.backend.in_flight + config.backend.queue;
  if (!config.auth.ask_backend) return;
  options.request_headers = config.auth.headers;
  options.request_headers.emplace_back("traceparent");
}

}  // namespace hearth::app
