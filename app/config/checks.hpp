#pragma once

#include "config/config.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hearth::config {

/// What is wrong with a configuration as a whole, or worth a warning: with what keys say together.
struct Finding {
  std::string path;  ///< the key that it is about, or an entry: `auth.jwt[0].issuer`
  std::string what;  ///< the rest of a sentence that begins with the key
  bool is_warning = false;
  /// Other keys that it follows from: where one of them is wrong by itself, there is nothing to be said yet.
  std::vector<std::string> also{};
};

using Findings = std::vector<Finding>;
using Check = std::function<Findings(const Config&)>;

/// All of them. What a configuration says wrongly, they see as not given.
std::span<const Check> checks();

}  // namespace hearth::config
