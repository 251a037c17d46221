#pragma once

#include "backend/backend.hpp"
#include "backend/events.hpp"
#include "backend/question.hpp"
#include "config/config.hpp"
#include "hearth/redis_client.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace hearth::app {

/// Sends batches to the backend, which has to outlive it, as signed requests.
Events::Deliver deliver_to_backend(Backend& backend, const NodeName& node);

/// Appends the events of a batch to a Redis stream, all or none. `redis` has to outlive it; when that is shut down, so
/// is what is under way.
Events::Deliver deliver_to_redis(RedisClient& redis, const config::EventsConfig& config,
                                 const boost::asio::any_io_executor& executor);

}  // namespace hearth::app
