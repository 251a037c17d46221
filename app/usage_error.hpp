#pragma once

#include <stdexcept>

namespace hearth::app {

/// The command line or the configuration is wrong.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hearth::app
