#pragma once

#include "api/answer.hpp"
#include "api/digest.hpp"
#include "config/config.hpp"
#include "hearth/room_pattern.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth::app {

/// What is looked at of a request to see who makes it. Views; a field that is not there is empty.
struct ApiCaller {
  std::string_view address{};  ///< without port; `unix` for a Unix socket
  std::string_view authorization{};
  std::string_view host{};
  std::string_view origin{};
  std::string_view sec_fetch_site{};
  std::string_view cookie{};
  bool is_secure = false;     ///< it has come over TLS
  bool is_forwarded = false;  ///< it has come through a proxy, by `Forwarded`, `X-Forwarded-For` or `Via`
  bool is_marked = false;     ///< it has `X-Hearth-Request: 1`, which a page of elsewhere cannot send unasked
  bool writes = false;        ///< its method is neither GET nor HEAD
};

/// What somebody may do.
struct ApiGrant {
  std::string name{};  ///< of the key
  bool publish = true;
  bool control = true;
  bool read = true;
  std::optional<std::vector<RoomPattern>> rooms{};  ///< that may be published to and watched; nothing: all

  bool may_use(std::string_view room) const;
};

/// Lets requests to the API in: by their key, or without any keys those of this machine that no web page and no proxy
/// has made. One thread.
class ApiGate {
 public:
  using Clock = std::chrono::steady_clock;
  /// Wrong keys of an address in a minute, past which it is not listened to for the rest of it.
  static constexpr unsigned kMostWrongKeys = 10;
  /// Addresses whose wrong keys are counted.
  static constexpr std::size_t kMostAddresses = 4096;

  /// Throws std::invalid_argument if a pattern of `rooms` is none.
  explicit ApiGate(const std::vector<config::ApiKeyConfig>& keys);

  /// What somebody has been let in for; good as long as the gate.
  struct Entry {
    const ApiGrant* grant;
    std::optional<Digest> key{};  ///< nothing: there are no keys
  };
  using Admitted = std::variant<Entry, ApiProblem>;

  bool has_keys() const noexcept { return !keys_.empty(); }
  /// What the caller may do; or why it is not let in: 401, 403 or 429.
  Admitted admit(const ApiCaller& caller, Clock::time_point now = Clock::now());
  /// The same of who shows a key in another way.
  Admitted admit_by_key(std::string_view key, std::string_view address, Clock::time_point now = Clock::now());
  /// What the key with this digest allows; null if it is none.
  const ApiGrant* grant_of(const Digest& key) const noexcept;

 private:
  struct Key {
    Digest digest;
    ApiGrant grant;
  };
  struct Count {
    Clock::time_point since;
    unsigned wrong = 0;
  };

  ApiProblem refuse(std::string_view address, Clock::time_point now);

  std::vector<Key> keys_;
  const ApiGrant everything_{};
  std::map<std::string, Count, std::less<>> wrong_;
};

}  // namespace hearth::app
