#pragma once

#include <string_view>

namespace hearth::hub {

class Client;
struct Room;

/// Is told who comes into certain rooms and leaves them, in the middle of it: it may change nothing.
class Attendance {
 public:
  virtual ~Attendance() = default;
  /// Whether it is wanted of a room with this name; asked when the room comes to be.
  virtual bool is_taken(std::string_view room) const = 0;
  virtual void joined(const Client& client, const Room& room) = 0;
  /// Nothing has come of a `joined`, which may have thrown itself: what it has noted is to be forgotten. The client is
  /// not among the room's members.
  virtual void not_joined(const Client& client, const Room& room) noexcept = 0;
  /// It is still filed under its user.
  virtual void left(const Client& client, const Room& room) = 0;
};

}  // namespace hearth::hub
