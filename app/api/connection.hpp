#pragma once

#include "api/routes.hpp"
#include "hearth/tls_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace hearth::app {

struct ApiLimits {
  std::uint64_t max_body;  ///< bytes
  /// For a request to come whole, and for its answer to leave.
  std::chrono::seconds patience{30};
};

/// Answers the requests of a connection, one after the other, until it ends; under TLS, if that is given. Never throws.
boost::asio::awaitable<void> converse(boost::asio::generic::stream_protocol::socket socket,
                                      std::optional<TlsContext> tls, ApiRoutes& routes, ApiLimits limits);

}  // namespace hearth::app
