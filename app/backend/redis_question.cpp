#include "backend/redis_question.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

/// What becomes of a command, for a coroutine that waits for it.
struct Pending {
  explicit Pending(const asio::any_io_executor& executor) : finished(executor, asio::steady_timer::time_point::max()) {}

  asio::steady_timer finished;
  std::optional<RedisResult> result{};
};

}  // namespace

Awaitable<RedisResult> ask_redis(RedisClient& redis, asio::any_io_executor executor,
                                 std::vector<std::string_view> command) {
  const auto pending = std::make_shared<Pending>(executor);
  RedisClient::Done done = [executor, pending](const RedisResult& result) {
    asio::post(executor, [pending, result] {
      pending->result = result;
      pending->finished.cancel();
    });
  };
  redis.command(command, std::move(done));
  while (!pending->result) {
    boost::system::error_code ignored;
    co_await pending->finished.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::move(*pending->result);
}

}  // namespace hearth::app
