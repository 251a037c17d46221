#pragma once

#include "config/config.hpp"

#include <string>

namespace hearth::config {

/// The text of a first configuration, with comments: an issuer with this secret, and three rules.
std::string starter(const std::string& secret);
/// What is added to it for a key of the API, which may do everything.
std::string starter_api_key(const std::string& key);

/// 43 characters that nobody can guess: 32 random bytes in base64url. Throws std::system_error if the system has none.
std::string make_secret();

/// Writes a new file that its owner alone may read. Throws std::system_error if it is there already, or cannot be
/// written.
void write_new_file(const Path& path, const std::string& text);

}  // namespace hearth::config
