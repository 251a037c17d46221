#pragma once

#include <string>

namespace hearth::app {

/// What is wrong with a flag that names a Redis; empty if it names one. The rest is said by whoever reads it, without
/// the password.
inline std::string check_redis(const std::string& url) {
  return url.empty() ? "the URL is empty; write redis://127.0.0.1:6379, or leave the option out" : "";
}

}  // namespace hearth::app
