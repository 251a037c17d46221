#include "hearth/settings.hpp"

#include "hearth/options.hpp"

namespace hearth {

Settings settings_of(const Options& options) {
  return {.limits = options.limits,
          .allowed_origins = options.allowed_origins,
          .trusted_proxies = options.trusted_proxies,
          .log_level = options.log_level,
          .room_rules = options.room_rules,
          .max_payload_length = options.max_payload_length,
          .backpressure_limit = options.backpressure_limit,
          .expiry_grace = options.expiry_grace,
          .request_headers = options.request_headers};
}

}  // namespace hearth
