#pragma once

#include "backend/backend.hpp"
#include "backend/question.hpp"
#include "hearth/handler.hpp"
#include "hearth/requests.hpp"
#include "serve/current_access.hpp"

namespace hearth::app {

/// Asks the backend what `Access` has passed on. Who cannot be answered is told so, and never let in.
///
/// The coroutines run on the thread of the backend.
class Asking {
 public:
  /// All of them have to outlive this.
  Asking(const CurrentAccess& access, Backend& backend, const NodeName& node)
      : access_(access), backend_(backend), node_(node) {}

  Awaitable<AuthenticateResult> authenticate(const AuthenticateRequest& request) const;
  Awaitable<RoomDecisions> validate_room(const ValidateRoomRequest& request) const;
  Awaitable<PublishDecision> publish(const PublishRequest& request) const;

 private:
  const CurrentAccess& access_;
  Backend& backend_;
  const NodeName& node_;
};

}  // namespace hearth::app
