#pragma once

#include <cstddef>
#include <string_view>

namespace hearth::net {

class Connection;

/// Encrypts what connections are sent that have been told to (`Loop::begin_sealing`). Called on the loop's thread when
/// the messages leave, in the order in which they were sent. Must not throw.
class Sealer {
 public:
  virtual ~Sealer() = default;

  /// What leaves in place of a message, as text; good until the next call. Empty: it cannot be encrypted, and the
  /// connection is cut off.
  virtual std::string_view seal(Connection& connection, std::string_view message) {
    static_cast<void>(connection), static_cast<void>(message);
    return {};
  }
  /// How long that is.
  virtual std::size_t sealed_size(std::size_t message) const noexcept { return message; }
};

}  // namespace hearth::net
