#pragma once

#include "api/digest.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// Who has signed in to the dashboard with a key. In memory alone. One thread.
class Sessions {
 public:
  using Clock = std::chrono::system_clock;
  static constexpr std::chrono::hours kLength{12};
  /// At a time; past it the one that is nearest to its end goes.
  static constexpr std::size_t kMost = 1024;
  static constexpr std::string_view kCookie = "hearth_session";

  struct SignIn {
    Digest key;  ///< of the key of the API that it has been begun with
    Clock::time_point ends_at;
  };

  /// Returns its secret, 256 random bits as hexadecimal digits, which is kept by the browser alone.
  std::string begin(const Digest& key, Clock::time_point now);
  /// The session of a secret; nothing if there is none, or it has ended.
  std::optional<SignIn> find(std::string_view secret, Clock::time_point now) const;
  void end(std::string_view secret) { sessions_.erase(digest_of(secret)); }

 private:
  std::map<Digest, SignIn> sessions_;  // by the digest of the secret, so that the look-up's time tells nothing of it
};

/// The value of a cookie in the field `Cookie` (RFC 6265, 4.2.1); nothing if it has none of that name.
std::optional<std::string_view> cookie_of(std::string_view field, std::string_view name);

}  // namespace hearth::app
