#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace hearth {

/// Keeps somebody out for a while, although their token is good. Exactly one of `user` and `token` is given.
struct Block {
  std::string user{};                             ///< a user id: whoever is authenticated as that user
  std::string token{};                            ///< Identity::token_id: whoever has come with that token
  std::chrono::system_clock::time_point until{};  ///< at most 400 days from now
  /// With `user`: only identities whose token was issued before this, or does not say when.
  std::optional<std::chrono::system_clock::time_point> issued_before{};

  bool operator==(const Block&) const = default;
};

}  // namespace hearth
