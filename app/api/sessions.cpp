#include "api/sessions.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace hearth::app {

std::string Sessions::begin(const Digest& key, Clock::time_point now) {
  if (sessions_.size() >= kMost) {
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second.ends_at <= now; });
  }
  if (sessions_.size() >= kMost) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& one, const auto& other) {
      return one.second.ends_at < other.second.ends_at;
    }));
  }
  Digest random{};
  if (::RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw std::runtime_error("there are no random numbers for a session");
  }
  std::string secret = hex_of(random);
  sessions_.insert_or_assign(digest_of(secret), SignIn{key, now + kLength});
  return secret;
}

std::optional<Sessions::SignIn> Sessions::find(std::string_view secret, Clock::time_point now) const {
  const auto found = sessions_.find(digest_of(secret));
  if (found == sessions_.end() || found->second.ends_at <= now) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> cookie_of(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    std::string_view pair = field.substr(0, field.find(';'));
    field.remove_prefix(std::min(pair.size() + 1, field.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace hearth::app
