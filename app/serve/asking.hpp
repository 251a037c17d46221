#pragma once

#include "backend/backend.hpp"
#include "backend/key_sets.hpp"
#include "backend/question.hpp"
#include "hearth/handler.hpp"
#include "hearth/requests.hpp"
#include "hearth/server.hpp"
#include "serve/access.hpp"
#include "serve/current_access.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace hearth::app {

/// Asks others what `Access` has passed on: the backend, and those who have the keys of tokens. Who cannot be answered
/// is told so, and never let in.
///
/// The coroutines run on the thread of those.
class Asking {
 public:
  /// All of them have to outlive this. `server` gives the server, once there is one.
  Asking(const CurrentAccess& access, Backend& backend, KeySets& key_sets, const NodeName& node,
         std::function<Server&()> server)
      : access_(access), backend_(backend), key_sets_(key_sets), node_(node), server_(std::move(server)) {}

  Awaitable<AuthenticateResult> authenticate(const AuthenticateRequest& request) const;
  Awaitable<RoomDecisions> validate_room(const ValidateRoomRequest& request) const;
  Awaitable<PublishDecision> publish(const PublishRequest& request) const;
  /// Asks what a message of a client's own is answered with, and answers it.
  Awaitable<void> message(const Message& request) const;

 private:
  Awaitable<AuthenticateResult> verify(const AuthenticateRequest& request, std::shared_ptr<const Access> asked_for,
                                       std::size_t issuer) const;
  Awaitable<AuthenticateResult> ask_backend(const AuthenticateRequest& request) const;

  const CurrentAccess& access_;
  Backend& backend_;
  KeySets& key_sets_;
  const NodeName& node_;
  const std::function<Server&()> server_;
};

}  // namespace hearth::app
