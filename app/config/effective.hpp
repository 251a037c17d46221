#pragma once

#include "config/load.hpp"

#include <string>
#include <vector>

namespace hearth::config {

/// A key, and what holds for it.
struct EffectiveValue {
  std::string path;      ///< `auth.jwt[0].secret`
  std::string value;     ///< as TOML; empty if it has none, or is a secret
  std::string fallback;  ///< what holds instead of a value, in words
  Origin origin;         ///< good if it has a value
  bool is_secret = false;
  bool is_set = false;
};

/// Every key that this version obeys, in the order of the table.
std::vector<EffectiveValue> effective_values(const Loaded& loaded);

}  // namespace hearth::config
