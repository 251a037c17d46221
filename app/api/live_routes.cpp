#include "api/handlers.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace hearth::app {

std::shared_ptr<EventStream> ApiDesk::open_stream(const ApiPass& pass, std::function<void(EventStream&)> beat) {
  auto stream = streams.open();
  stream->set_beat([this, pass, beat = std::move(beat)](EventStream& events) {
    if (!admission.still_holds(pass)) return events.end("the session has ended, or the key is none any more");
    if (beat) beat(events);
  });
  return stream;
}

namespace routes {

Awaited live(ApiDesk& desk, const ApiCall& call) {
  ApiAnswer answer{200, {}, "text/event-stream", {}, {}};
  answer.events = desk.open_stream(*call.pass);
  desk.live.tell(answer.events);
  co_return answer;
}

Awaited samples(ApiDesk& desk, const ApiCall& /*call*/) {
  co_return ApiAnswer{200, desk.live.recent(), "application/json", {}, {}};
}

}  // namespace routes

}  // namespace hearth::app
