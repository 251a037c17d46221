#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace hearth::config {

/// A key that two configurations give different values, or an entry that one of them has alone.
struct Change {
  std::string path;            ///< `server.listen`, without the numbers of entries
  bool needs_restart = false;  ///< a reload cannot bring it about
};

/// What is different, each key once, in the order of the table.
std::vector<Change> changes_between(const Config& running, const Config& fresh);

/// The keys among them that need a restart: with any, a reload fails and names them.
std::vector<std::string> keys_that_need_restart(const Config& running, const Config& fresh);

}  // namespace hearth::config
