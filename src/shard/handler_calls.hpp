#pragma once

#include "hearth/handler.hpp"
#include "log/log.hpp"
#include "protocol/client_id.hpp"
#include "shard/control_plane.hpp"
#include "shard/letter.hpp"
#include "shard/outcome.hpp"
#include "shard/owned_requests.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Calls a shard's handlers, plain ones at once, coroutines on the control plane. The shard's thread alone.
class HandlerCalls {
 public:
  /// What a handler is for, which says what becomes of it when there are too many, and when its client goes.
  enum class Purpose : std::uint8_t {
    decides,  ///< what its client asked for: it may be refused for now, and is cancelled when the client has gone
    acts,     ///< what is to be done whatever comes
  };

  /// `failed` is called for a client if something is thrown while what came of a handler for it is being used.
  HandlerCalls(std::shared_ptr<ControlPlane> plane, std::shared_ptr<ShardMailbox> mailbox,
               std::function<void(const protocol::ClientId&)> failed)
      : plane_(std::move(plane)), mailbox_(std::move(mailbox)), failed_(std::move(failed)) {}

  /// When what came of a handler is told.
  enum class When : std::uint8_t { now, later };

  /// Calls `then(Outcome<Result>, When)` with what came of the handler: before this returns, and then it returns false,
  /// or later on this thread. Not at all if the shard ends before. Before it is kept for later, `then.keep()` is called
  /// if there is that: what it refers to may not be there any more by then.
  template <class Result, class Request, class Then>
  bool invoke(const Handler<Result, Request>& handler, const protocol::ClientId& client, Purpose purpose,
              const Request& request, Then then);

  /// The client has gone: tells the handlers that decide something for it, by Asio's cancellation.
  void cancel(const protocol::ClientId& client) {
    const auto running = cancellable_.find(client);
    if (running == cancellable_.end()) return;
    for (const auto& call : running->second) call->cancel();
    cancellable_.erase(running);
  }

  /// The shard ends: tells all of them.
  void cancel_all() {
    for (const auto& call : calls_) call->cancel();
    calls_.clear();
    cancellable_.clear();
  }

  /// Coroutines that have not finished.
  std::size_t running() const noexcept { return running_; }
  /// Work on the control plane that is no handler: counts as one until `end_work`, on this thread.
  void begin_work() noexcept { ++running_; }
  void end_work() noexcept { --running_; }

  /// Whether the handler threw; if so, a log line says what, unless there is no memory for it: the handler has been
  /// called, and what called it must not be tried again.
  template <class Result>
  bool log_if_threw(std::string_view handler, const protocol::ClientId& client,
                    const Outcome<Result>& outcome) const noexcept {
    if (!outcome.threw()) return false;
    const bool is_unavailable = outcome.is_unavailable();
    try {
      plane_->log()(is_unavailable ? LogLevel::warning : LogLevel::error,
                    is_unavailable ? "handler_unavailable" : "handler_threw",
                    is_unavailable ? "a handler cannot decide now" : "a handler threw",
                    {{"handler", handler}, {"client", client.str()}, {"what", outcome.what()}});
    } catch (const std::bad_alloc&) {
    }
    return true;
  }

 private:
  /// A coroutine that can be told to end early.
  class Call : public std::enable_shared_from_this<Call> {
   public:
    explicit Call(const boost::asio::any_io_executor& executor) : strand(boost::asio::make_strand(executor)) {}
    /// From any thread.
    void cancel() {
      cancelled = true;
      boost::asio::post(strand,
                        [self = shared_from_this()] { self->signal.emit(boost::asio::cancellation_type::terminal); });
    }

    boost::asio::strand<boost::asio::any_io_executor> strand;
    boost::asio::cancellation_signal signal;  // on the strand
    std::atomic<bool> cancelled{false};
  };

  /// Awaits a handler with a request made of what `owned` holds, which so outlives it. `handler` is one of the options
  /// of the control plane.
  template <class Result, class Request>
  static Awaitable<Result> await(std::shared_ptr<ControlPlane> plane, std::shared_ptr<Call> call,
                                 const Handler<Result, Request>& handler, std::shared_ptr<const Owned<Request>> owned) {
    if (plane->slots().is_closed() || call->cancelled) throw Unavailable();
    const Request request = owned->request();
    co_return co_await handler.start(request);
  }

  template <class Result, class Request, class Finish>
  static void spawn(const std::shared_ptr<ControlPlane>& plane, const std::shared_ptr<Call>& call,
                    const Handler<Result, Request>& handler, std::shared_ptr<const Owned<Request>> owned,
                    Finish finish) {
    auto coroutine = await(plane, call, handler, std::move(owned));
    const auto slot = call->signal.slot();
    if constexpr (std::is_void_v<Result>) {
      boost::asio::co_spawn(call->strand, std::move(coroutine),
                            boost::asio::bind_cancellation_slot(slot, [plane, call, finish](std::exception_ptr error) {
                              plane->slots().leave();
                              finish(Outcome<Result>(std::move(error)));
                            }));
    } else {
      boost::asio::co_spawn(
          call->strand, std::move(coroutine),
          boost::asio::bind_cancellation_slot(slot, [plane, call, finish](std::exception_ptr error, Result result) {
            plane->slots().leave();
            finish(error ? Outcome<Result>(std::move(error)) : Outcome<Result>(std::move(result)));
          }));
    }
  }

  void forget(const protocol::ClientId& client, const std::shared_ptr<Call>& call) {
    calls_.erase(call);
    const auto listed = cancellable_.find(client);
    if (listed == cancellable_.end()) return;
    std::erase(listed->second, call);
    if (listed->second.empty()) cancellable_.erase(listed);
  }

  // Without its result the client would wait for ever.
  template <class Use>
  void use(const protocol::ClientId& client, Use use) const {
    try {
      use();
    } catch (...) {
      failed_(client);
      throw;
    }
  }

  const std::shared_ptr<ControlPlane> plane_;
  const std::shared_ptr<ShardMailbox> mailbox_;
  const std::function<void(const protocol::ClientId&)> failed_;
  std::size_t running_ = 0;
  boost::unordered_flat_set<std::shared_ptr<Call>> calls_;  // that have not finished
  // Those that decide something, by their client.
  boost::unordered_flat_map<protocol::ClientId, std::vector<std::shared_ptr<Call>>, std::hash<protocol::ClientId>>
      cancellable_;
};

template <class Result, class Request, class Then>
bool HandlerCalls::invoke(const Handler<Result, Request>& handler, const protocol::ClientId& client, Purpose purpose,
                          const Request& request, Then then) {
  if (!handler.is_coroutine()) {
    then(Outcome<Result>::of([&] { return handler.call(request); }), When::now);
    return false;
  }
  bool decided = true;
  auto outcome = Outcome<Result>::of([&]() -> Result {
    Decision<Result> first = handler.try_first(request);
    decided = !first.passes();
    if (decided) return std::move(first).take();
    return Result();
  });
  if (decided) {
    then(std::move(outcome), When::now);
    return false;
  }

  if constexpr (requires { then.keep(); }) then.keep();
  const auto call = std::make_shared<Call>(plane_->executor());
  // A task has to be copyable. The shard may be gone when the coroutine ends; what it needs then lives on with it.
  auto rest = std::make_shared<Then>(std::move(then));
  const auto finish = [this, client, call, mailbox = mailbox_, rest](Outcome<Result> result) {
    mailbox->post(Task([this, client, call, rest,
                        outcome = std::make_shared<Outcome<Result>>(std::move(result))](Shard& /*shard*/) {
                    --running_;
                    forget(client, call);
                    use(client, [&] { (*rest)(std::move(*outcome), When::later); });
                  }),
                  sizeof(Task), false);
  };
  const bool may_be_refused = purpose == Purpose::decides;
  auto owned = std::make_shared<const Owned<Request>>(request);
  calls_.insert(call);
  if (may_be_refused) cancellable_[client].push_back(call);
  ++running_;
  const bool entered = plane_->slots().enter(
      [plane = plane_, call, &handler, owned, finish](bool admitted) {
        if (!admitted) return finish(Outcome<Result>::unavailable());
        spawn(plane, call, handler, owned, finish);
      },
      may_be_refused);
  if (!entered) finish(Outcome<Result>::unavailable());
  return true;
}

}  // namespace hearth::shard
