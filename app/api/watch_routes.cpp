#include "api/handlers.hpp"
#include "api/publish_request.hpp"
#include "api/watched.hpp"
#include "hearth/watch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace hearth::app::routes {

namespace {

/// A watch, and what its stream had no place for.
struct Watching {
  Watch watch{};
  std::atomic<std::uint64_t> unfit{0};
  std::uint64_t told = 0;  ///< how many were counted, so far

  void tell_count(EventStream& events) {
    const std::uint64_t counted = watch.skipped() + unfit;
    if (const std::uint64_t more = counted - std::exchange(told, counted); more > 0) {
      events.send("counted", boost::json::serialize(boost::json::object{{"count", more}}));
    }
  }
};

}  // namespace

Awaited watch(ApiDesk& desk, const ApiCall& call) {
  const std::string room = call.query.text_or_empty("room");
  if (room.empty())
    throw ApiProblem{422, "missing_parameter", "the parameter room is missing: which one is watched?", {}};
  check_room("room", room);
  if (!call.grant->may_use(room)) {
    throw ApiProblem{403, "forbidden", "the key " + call.grant->name + " has `rooms`, and this is none of them", {}};
  }
  auto watching = std::make_shared<Watching>();
  ApiAnswer answer{200, {}, "text/event-stream", {}, {}};
  answer.events = desk.open_stream(*call.pass, [watching](EventStream& events) { watching->tell_count(events); });
  // The stream holds the watch, and must not be held by it.
  watching->watch = desk.server.watch(
      room, [stream = std::weak_ptr(answer.events), count = std::weak_ptr(watching)](const WatchedPublication& seen) {
        const auto events = stream.lock();
        const auto counts = count.lock();
        if (!events || !counts) return;
        if (!events->offer("publication", text_of(seen, std::chrono::system_clock::now()))) ++counts->unfit;
      });
  if (!watching->watch) answer.events->end("the server does not run");
  co_return answer;
}

}  // namespace hearth::app::routes
