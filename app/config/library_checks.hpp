#pragma once

#include "config/checks.hpp"
#include "config/config.hpp"

#include <string>

namespace hearth::config {

// What the library has to say of the parts that are its own.

/// Of an issuer at `path`, with which nothing else is wrong.
void check_issuer(const JwtConfig& jwt, const std::string& path, Findings& found);
/// Of the rules, with warnings of those that are hardly meant. What needs a backend is for others to say.
void check_rules(const Config& config, Findings& found);
/// Of the patterns in `backend.messages`.
void check_messages(const BackendConfig& backend, Findings& found);
/// Of the Redis that a stream is to be in.
void check_stream(const std::string& url, Findings& found);
/// Of `auth.auto_join`.
void check_auto_join(const AuthConfig& auth, Findings& found);

}  // namespace hearth::config
