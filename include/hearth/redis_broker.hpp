#pragma once

#include "hearth/broker.hpp"
#include "hearth/export.hpp"
#include "hearth/redis_options.hpp"

#include <memory>
#include <string_view>

namespace hearth {

/// A broker over Redis pub/sub (docs/redis.md), whose channels and envelopes are those of docs/protocol.md, section 3.
/// It has a thread and two connections of its own. Throws std::invalid_argument if an option is bad.
HEARTH_API std::shared_ptr<Broker> make_redis_broker(RedisOptions options);
/// As above, for RedisOptions::from_url.
HEARTH_API std::shared_ptr<Broker> make_redis_broker(std::string_view url);

}  // namespace hearth
