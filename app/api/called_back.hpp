#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace hearth::app {

/// What `start(callback)` gives its callback, which may come at once or later, on any thread, and has to come. GCC 12
/// destroys a function twice that is made within `co_await`: give it a name.
template <class Result, class Start>
boost::asio::awaitable<Result> called_back(Start start) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto initiate = [&start, executor](auto handler) {
    const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start([shared, executor](Result result) {
      boost::asio::post(executor, [shared, result = std::move(result)]() mutable { (*shared)(std::move(result)); });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Result)>(
      initiate, boost::asio::use_awaitable);
}

}  // namespace hearth::app
