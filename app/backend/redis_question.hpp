#pragma once

#include "hearth/handler.hpp"
#include "hearth/redis_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string_view>
#include <vector>

namespace hearth::app {

/// What becomes of a command, for a coroutine that waits for it on the one thread of `executor`. `redis` has to live
/// until then; when it is shut down, so is what is under way.
Awaitable<RedisResult> ask_redis(RedisClient& redis, boost::asio::any_io_executor executor,
                                 std::vector<std::string_view> command);

}  // namespace hearth::app
