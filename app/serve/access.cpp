#include "serve/access.hpp"

#include "config/issuers.hpp"
#include "config/rules.hpp"
#include "hearth/rejected.hpp"
#include "serve/holder.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>

namespace hearth::app {

namespace {

bool is_string(JsonView value) noexcept { return value.text().starts_with('"'); }

}  // namespace

Access::Access(const config::Config& config, bool is_dev, Say say, AccessCounts& counts,
               const std::vector<std::string>& put, std::shared_ptr<JwtVerifier> verifier)
    : verifier_(std::move(verifier)),
      anonymous_(config.auth.anonymous),
      ask_backend_(config.auth.ask_backend),
      keeps_all_(config.backend.url.has_value() || config.events.to.has_value()),
      tells_(config.events.to.has_value()),
      takes_anybody_(is_dev && !is_guarded(config)),
      tells_why_(is_dev),
      rules_(config::rules_of(config)),
      say_(std::move(say)),
      counts_(counts) {
  if (!is_dev || !config.rooms.empty()) {
    for (const RoomRule& rule : rules_.rules()) counted_.push_back(&counts_.rule(rule.name));
    counted_.push_back(&counts_.rule("none"));
  }
  if (!verifier_ && !config.auth.jwt.empty())
    verifier_ = std::make_shared<JwtVerifier>(config::issuers_of(config.auth));
  if (tells_) told_types_ = config.events.types;
  for (const std::string& text : config.backend.messages) answered_.emplace_back(text);
  for (const config::JwtConfig& jwt : config.auth.jwt) has_url_.push_back(jwt.jwks_url.has_value());
  for (const std::string& text : config.auth.auto_join) {
    RoomTemplate room(text);
    // Of a client of whom nothing is known, it gives a name only if it has no placeholder.
    auto names = room.rooms(ClientView{});
    if (names.empty()) {
      own_rooms_.push_back(std::move(room));
    } else {
      // One that has come since the server started is put in like those of its own.
      if (!put.empty() && std::find(put.begin(), put.end(), names.front()) == put.end()) {
        own_rooms_.push_back(std::move(room));
      }
      rooms_of_everybody_.push_back(std::move(names.front()));
    }
  }
}

Door Access::door_of(const AuthenticateRequest& request) const {
  if (takes_anybody_) return Door::dev;
  const auto token = request.data.member("token");
  if (verifier_ && token && is_string(*token)) return Door::jwt;
  if (ask_backend_) return Door::backend;
  return anonymous_ && !token ? Door::anonymous : Door::none;
}

Decision<AuthenticateResult> Access::authenticate(const AuthenticateRequest& request) const {
  switch (door_of(request)) {
    case Door::dev:
      return take_anybody(request);
    case Door::jwt:
      return verify(request, *request.data.member("token")->string());
    case Door::backend:
      return pass;
    case Door::anonymous:
      return AuthenticateResult(identity_of(request, {}));
    case Door::none:
      break;
  }
  return refuse_without_door(request);
}

AuthenticateResult Access::refuse_without_door(const AuthenticateRequest& request) const {
  const auto token = request.data.member("token");
  if (!token) return refuse("no_token", "a client without a token is refused; auth.anonymous would let it in");
  if (!is_string(*token)) return refuse("malformed", "a client is refused: its token is no text");
  return refuse("no_issuer", "a client with a token is refused: there is no [[auth.jwt]] for it");
}

AuthenticateResult Access::refuse(std::string_view reason, const std::string& line) const {
  counts_.refused(reason);
  say_(line);
  if (tells_why_) throw Rejected(line);
  return std::nullopt;
}

AuthenticateResult Access::take_anybody(const AuthenticateRequest& request) const {
  Recognised recognised;
  for (const std::string_view key : {"userId", "token"}) {
    const auto member = request.data.member(key);
    auto name = member ? member->string() : std::nullopt;
    if (!name || name->empty()) continue;
    recognised.user_id = std::move(name);
    break;
  }
  return identity_of(request, std::move(recognised));
}

AuthenticateResult Access::refuse(const JwtRefusal& refusal) const {
  const std::string reason(to_string(refusal.reason));
  const std::string line = "a token is refused (" + reason + "): " + refusal.text;
  if (refusal.reason != JwtReason::expired) return refuse(reason, line);
  counts_.refused(reason);
  say_(line);
  throw TokenExpired();
}

std::optional<std::size_t> Access::issuer_to_ask(const JwtRefusal& refusal) const {
  const bool helps = refusal.reason == JwtReason::kid && refusal.issuer && has_url_[*refusal.issuer];
  return helps ? refusal.issuer : std::nullopt;
}

std::optional<std::size_t> Access::issuer_to_ask(const AuthenticateRequest& request) const {
  const auto token = request.data.member("token");
  const auto text = token ? token->string() : std::nullopt;
  if (!text || !verifier_) return std::nullopt;
  const JwtResult result = verifier_->verify(*text);
  return result ? std::nullopt : issuer_to_ask(result.error());
}

Decision<AuthenticateResult> Access::verify(const AuthenticateRequest& request, const std::string& token) const {
  JwtResult result = verifier_->verify(token);
  if (!result && issuer_to_ask(result.error())) return pass;
  if (!result) return refuse(result.error());
  VerifiedJwt& verified = *result;
  Identity identity = identity_of(request, {std::move(verified.user_id), std::move(verified.claims),
                                            std::move(verified.grants), verified.expires_at});
  identity.token_id = std::move(verified.jti);
  identity.issued_at = verified.issued_at;
  return AuthenticateResult(std::move(identity));
}

Identity Access::identity_of(const AuthenticateRequest& request, Recognised recognised) const {
  Grants& grants = recognised.grants;
  Identity identity;
  const bool has_grants = !recognised.claims.empty() || !grants.join.empty() || !grants.publish.empty();
  if (has_grants || keeps_all_) {
    Holder holder{std::move(recognised.claims), std::move(grants.join), std::move(grants.publish), {}, {}, {}};
    if (keeps_all_) {
      const Holder* before = request.renewal ? holder_of(request.context) : nullptr;
      holder.metadata = before != nullptr ? before->metadata : grants.metadata;  // that of a client stays
      holder.remote_address = request.remote_address;
      if (tells_) holder.life = before != nullptr ? before->life : std::make_shared<ClientLife>();
    }
    identity.context = std::make_shared<const Holder>(std::move(holder));
  }
  identity.metadata = std::move(grants.metadata);
  identity.info = std::move(grants.info);
  identity.rooms = own_rooms(view_of(request.client_id, recognised.user_id, identity.context));
  identity.rooms.insert(identity.rooms.end(), grants.auto_join.begin(), grants.auto_join.end());
  identity.user_id = std::move(recognised.user_id);
  if (recognised.expires_at) identity.expires_at = *recognised.expires_at;
  identity.messages = grants.messages;
  return identity;
}

std::vector<std::string> Access::own_rooms(const ClientView& client) const {
  std::vector<std::string> rooms;
  for (const RoomTemplate& room : own_rooms_) {
    auto names = room.rooms(client);
    rooms.insert(rooms.end(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
  }
  return rooms;
}

bool Access::is_answered(std::string_view event) const {
  return std::any_of(answered_.begin(), answered_.end(), [&](const RoomPattern& one) { return one.matches(event); });
}

bool Access::tells(std::string_view type) const {
  return std::find(told_types_.begin(), told_types_.end(), type) != told_types_.end();
}

Decision<RoomDecisions> Access::validate_room(const ValidateRoomRequest& request) const {
  RoomQuestion question = decide_rooms(request);
  if (!question.asked.empty()) return pass;
  count(question);
  return std::move(question.decided);
}

// Those that a client is in already are not asked about again.
Access::RoomQuestion Access::decide_rooms(const ValidateRoomRequest& request) const {
  const ClientView client = view_of(request.client_id, request.user_id, request.context);
  RoomQuestion question;
  for (const std::string& room : request.rooms) {
    question.decisions.push_back(rules_.decide(RoomAction::join, room, client));
    const auto outcome = question.decisions.back().outcome;
    const bool is_asked = outcome == RoomDecision::Outcome::ask;
    if (is_asked && !request.renewal) question.asked.push_back(room);
    if (outcome == RoomDecision::Outcome::allowed || (is_asked && request.renewal)) {
      question.decided.allowed.push_back(room);
    }
  }
  return question;
}

void Access::count(const RoomQuestion& question) const noexcept {
  for (const RoomDecision& decision : question.decisions) count(RoomAction::join, decision);
}

void Access::count(RoomAction action, const RoomDecision& decision) const noexcept {
  if (!counted_.empty()) counted_[decision.rule.value_or(counted_.size() - 1)]->add(action, decision.outcome);
}

Decision<PublishDecision> Access::publish(const PublishRequest& request) const {
  constexpr std::uint16_t kNotMember = 202;
  ClientView client = view_of(request.client_id, request.user_id, request.context);
  client.is_member = request.is_member;
  client.event = request.event;
  const RoomDecision decision = rules_.decide(RoomAction::publish, request.room, client);
  count(RoomAction::publish, decision);
  if (decision.outcome == RoomDecision::Outcome::ask) return pass;
  if (decision.outcome == RoomDecision::Outcome::allowed) return PublishDecision::allow();
  return decision.code == kNotMember ? PublishDecision::not_member() : PublishDecision::refuse();
}

}  // namespace hearth::app
