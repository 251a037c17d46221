#include "shard/loop_options.hpp"

#include <utility>

namespace hearth::shard {

net::LoopOptions loop_options(const ControlPlane& plane, std::shared_ptr<const tls::CurrentContext> tls,
                              net::Clock::time_point (*clock)() noexcept) {
  const Options& options = plane.options();
  net::LoopOptions loop;
  loop.tls = std::move(tls);
  loop.path = options.path;
  loop.max_message_size = options.max_payload_length;
  loop.backpressure_limit = options.backpressure_limit;
  loop.slow_consumer = options.slow_consumer;
  loop.upgrade_timeout = options.auth_timeout;
  loop.idle_timeout = options.idle_timeout;
  loop.send_pings = options.send_pings;
  loop.deflate = options.per_message_deflate;
  loop.origins = http::Origins(options.allowed_origins);
  loop.proxies = http::Proxies(options.trusted_proxies);
  loop.proxy_protocol = options.proxy_protocol;
  loop.hosts = options.allowed_hosts;
  loop.reserved_descriptors = options.limits.reserved_descriptors;
  loop.log = plane.log();
  loop.clock = clock;
  return loop;
}

}  // namespace hearth::shard
