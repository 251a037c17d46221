#pragma once

#include "remote/api_place.hpp"
#include "remote/api_trust.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

struct ApiReply {
  unsigned status = 0;
  std::string body{};
};

/// Asks the HTTP API of a server, one request a connection, waiting for the answer.
class ApiClient {
 public:
  /// For connecting, and for all of a request.
  static constexpr std::chrono::seconds kConnectPatience{5};
  static constexpr std::chrono::seconds kPatience{60};
  /// Bytes of an answer.
  static constexpr std::size_t kMostAnswer = std::size_t{64} << 20;

  /// `key` is sent with each request, if there is one.
  ApiClient(ApiPlace place, std::optional<std::string> key, ApiTrust trust = {})
      : place_(std::move(place)), key_(std::move(key)), trust_(std::move(trust)) {}

  /// Throws std::runtime_error if no answer could be had, which says from where and why.
  ApiReply ask(std::string_view method, std::string_view path, std::string_view body = {}) const;

  const ApiPlace& place() const noexcept { return place_; }

 private:
  const ApiPlace place_;
  const std::optional<std::string> key_;
  const ApiTrust trust_;
};

}  // namespace hearth::app
