#pragma once

#include <stdexcept>

namespace hearth {

/// Thrown by `authenticate`: rejects the client as nothing does, and tells it why, if it has put an `id` on its
/// `authenticate`: `Authentication failed` (103) with the text as `reason`, close 4003. For development, since it helps
/// whoever tries to get in.
class Rejected : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hearth
