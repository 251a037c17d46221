#pragma once

#include "api/digest.hpp"
#include "api/gate.hpp"
#include "api/sessions.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// What somebody has been let in with, and may do. Good for as long as this, whatever becomes of the key.
struct ApiPass {
  std::shared_ptr<const ApiGate> gate{};
  const ApiGrant* grant = nullptr;
  std::optional<Digest> key{};            ///< nothing: there are no keys
  std::string session{};                  ///< the session's secret; empty: without one
  Sessions::Clock::time_point ends_at{};  ///< of the session
};

/// Lets requests in by a key, by a session that was begun with one, or for being near. One thread.
class Admission {
 public:
  /// Throws std::invalid_argument if a pattern of `rooms` is none.
  explicit Admission(const std::vector<config::ApiKeyConfig>& keys) : gate_(std::make_shared<ApiGate>(keys)) {}

  /// Other keys from now on; requests that were let in stay so, and sessions whose key is there no more end.
  void set_gate(ApiGate gate) { gate_ = std::make_shared<ApiGate>(std::move(gate)); }
  bool has_keys() const noexcept { return gate_->has_keys(); }

  /// Throws ApiProblem for who is not let in: 401, 403 or 429.
  ApiPass admit(const ApiCaller& caller);
  /// Begins a session; throws the same for a key that is wrong.
  ApiPass sign_in(std::string_view key, const ApiCaller& caller);
  void sign_out(std::string_view session) { sessions_.end(session); }
  /// Whether who was let in with it would be now.
  bool still_holds(const ApiPass& pass) const;

 private:
  ApiPass admit_by_session(std::string_view secret, const ApiCaller& caller) const;

  std::shared_ptr<ApiGate> gate_;
  Sessions sessions_;
};

}  // namespace hearth::app
