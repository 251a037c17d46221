#pragma once

#include "hub/shard.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace hearth::hub {

/// Awaits a coroutine handler with a request made of what `owned` holds, which so outlives it. `handler` is one of the
/// options of `core`.
template <class Result, class Request, class Owned>
Awaitable<Result> await_handler(std::shared_ptr<const ServerCore> core, const Handler<Result, Request>& handler,
                                std::shared_ptr<const Owned> owned) {
  static_cast<void>(core);
  const Request request = owned->request();
  co_return co_await handler.start(request);
}

template <class Result, class Request, class MakeOwned, class Then>
void Shard::invoke(const Handler<Result, Request>& handler, const Request& request, MakeOwned make_owned, Then then) {
  if (!handler.is_coroutine()) {
    then(*this, Outcome<Result>::of([&] { return handler.call(request); }));
    return;
  }
  ++running_handlers_;
  // A task has to be copyable. The shard may be gone when the coroutine ends; what it needs then lives on with it.
  auto rest = std::make_shared<Then>(std::move(then));
  const auto finish = [core = core_.shared_from_this(), mailbox = mailbox_,
                       rest](std::shared_ptr<Outcome<Result>> outcome) {
    mailbox->post(Task([rest, outcome](Shard& shard) {
                    --shard.running_handlers_;
                    (*rest)(shard, std::move(*outcome));
                  }),
                  sizeof(Task), false);
  };
  using Owned = std::remove_cvref_t<std::invoke_result_t<MakeOwned>>;
  auto coroutine = await_handler(core_.shared_from_this(), handler,
                                 std::shared_ptr<const Owned>(std::make_shared<Owned>(make_owned())));
  const auto strand = boost::asio::make_strand(core_.executor());
  if constexpr (std::is_void_v<Result>) {
    boost::asio::co_spawn(strand, std::move(coroutine), [finish](std::exception_ptr error) {
      finish(std::make_shared<Outcome<Result>>(std::move(error)));
    });
  } else {
    boost::asio::co_spawn(strand, std::move(coroutine), [finish](std::exception_ptr error, Result result) {
      finish(error ? std::make_shared<Outcome<Result>>(std::move(error))
                   : std::make_shared<Outcome<Result>>(std::move(result)));
    });
  }
}

}  // namespace hearth::hub
