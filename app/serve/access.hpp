#pragma once

#include "config/config.hpp"
#include "hearth/decision.hpp"
#include "hearth/grants.hpp"
#include "hearth/jwt.hpp"
#include "hearth/requests.hpp"
#include "hearth/room_pattern.hpp"
#include "hearth/room_rules.hpp"
#include "hearth/room_template.hpp"
#include "serve/access_counts.hpp"
#include "serve/door.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// Who somebody is, and what it was given, whoever says so.
struct Recognised {
  std::optional<std::string> user_id{};
  boost::json::object claims{};
  Grants grants{};
  std::optional<std::chrono::sys_seconds> expires_at{};
};

/// Who may connect, and what they may do: `[auth]` and `[[rooms]]` of a configuration. It passes on what the backend
/// has to be asked about.
///
/// Any thread may ask; nothing waits.
class Access {
 public:
  /// Takes a line about somebody who is refused, from any thread.
  using Say = std::function<void(std::string_view)>;

  /// Throws what `JwtVerifier` and `RoomRules` throw, which a configuration without problems does not cause. In
  /// development mode, clients are who they say they are if nothing is said about that.
  /// `put`: rooms that the server puts everybody in already, since it started. `verifier`: one of the same issuers,
  /// with the keys that were fetched for it; null: a new one is made.
  /// `counts` outlives it.
  Access(const config::Config& config, bool is_dev, Say say, AccessCounts& counts,
         const std::vector<std::string>& put = {}, std::shared_ptr<JwtVerifier> verifier = nullptr);

  /// Whether clients have to prove who they are, or are nobody.
  static bool is_guarded(const config::Config& config) {
    return !config.auth.jwt.empty() || config.auth.anonymous || config.auth.ask_backend;
  }

  /// Null without `[[auth.jwt]]`.
  const std::shared_ptr<JwtVerifier>& verifier() const noexcept { return verifier_; }

  /// Rooms that everybody is put in, so that nobody need be asked about them.
  const std::vector<std::string>& rooms_of_everybody() const noexcept { return rooms_of_everybody_; }

  /// Which one such a client wants to come through.
  Door door_of(const AuthenticateRequest& request) const;
  Decision<AuthenticateResult> authenticate(const AuthenticateRequest& request) const;
  Decision<RoomDecisions> validate_room(const ValidateRoomRequest& request) const;
  Decision<PublishDecision> publish(const PublishRequest& request) const;

  /// The rooms of such a request about which rules say `ask`, and the decision about all others.
  struct RoomQuestion {
    RoomDecisions decided{};
    std::vector<std::string> asked{};
    std::vector<RoomDecision> decisions{};  ///< of each room
  };
  RoomQuestion decide_rooms(const ValidateRoomRequest& request) const;
  /// It is what is decided by, and not asked once more.
  void count(const RoomQuestion& question) const noexcept;
  /// The issuer (its index in the configuration) whose keys have to be fetched before such a client can be judged.
  std::optional<std::size_t> issuer_to_ask(const AuthenticateRequest& request) const;
  Identity identity_of(const AuthenticateRequest& request, Recognised recognised) const;
  /// Whether custom events of clients by that name are the backend's to answer.
  bool is_answered(std::string_view event) const;
  /// Whether somebody is told of events of a type (`[events]`).
  bool tells(std::string_view type) const;
  /// Says why a client cannot be judged.
  void say(std::string_view line) const { say_(line); }
  /// Refuses a client: says why, and counts that (AccessCounts). In development mode the client is told, too.
  AuthenticateResult refuse(std::string_view reason, const std::string& line) const;

 private:
  AuthenticateResult take_anybody(const AuthenticateRequest& request) const;
  AuthenticateResult refuse_without_door(const AuthenticateRequest& request) const;
  Decision<AuthenticateResult> verify(const AuthenticateRequest& request, const std::string& token) const;
  AuthenticateResult refuse(const JwtRefusal& refusal) const;
  std::optional<std::size_t> issuer_to_ask(const JwtRefusal& refusal) const;
  std::vector<std::string> own_rooms(const ClientView& client) const;
  void count(RoomAction action, const RoomDecision& decision) const noexcept;

  std::shared_ptr<JwtVerifier> verifier_{};
  std::vector<bool> has_url_{};  // of each issuer: its keys are fetched
  bool anonymous_ = false;
  bool ask_backend_ = false;
  bool keeps_all_ = false;  // also what only the backend wants to know
  bool tells_ = false;      // somebody what becomes of clients
  std::vector<std::string> told_types_{};
  std::vector<RoomPattern> answered_{};
  bool takes_anybody_ = false;
  bool tells_why_ = false;  // those whom it refuses
  std::vector<std::string> rooms_of_everybody_{};
  std::vector<RoomTemplate> own_rooms_{};
  RoomRules rules_;
  Say say_;
  AccessCounts& counts_;
  std::vector<AccessCounts::Rule*> counted_{};  // of each rule, and last of where none matches; empty: none decide
};

}  // namespace hearth::app
