#pragma once

#include "hearth/options.hpp"

namespace hearth::server {

/// Most threads that hold connections: a client id has eight bits for its shard.
inline constexpr unsigned kMaxThreads = 256;

/// Throws std::invalid_argument, which names the option and what would be right.
void check(const Options& options);

}  // namespace hearth::server
