#include "serve/access.hpp"

#include "config/issuers.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>

namespace hearth::app {

namespace {

/// What rules look at of a client that has shown a token.
struct Holder {
  boost::json::object claims{};
  std::vector<RoomPattern> join{};
  std::vector<RoomPattern> publish{};
};

/// A client as rules see it; `context` is its own Holder, or nothing if it has shown no token.
ClientView view_of(std::string_view client_id, std::optional<std::string_view> user_id, const ClientContext& context) {
  ClientView view;
  view.client_id = client_id;
  view.user_id = user_id;
  if (const auto* holder = static_cast<const Holder*>(context.get()); holder != nullptr) {
    view.claims = &holder->claims;
    view.join = holder->join;
    view.publish = holder->publish;
  }
  return view;
}

}  // namespace

Access::Access(const config::Config& config, bool is_dev, Say say, const std::vector<std::string>& put)
    : anonymous_(config.auth.anonymous),
      takes_anybody_(is_dev && !is_guarded(config)),
      rules_(config::rules_of(config)),
      say_(std::move(say)) {
  if (!config.auth.jwt.empty()) verifier_.emplace(config::issuers_of(config.auth));
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

AuthenticateResult Access::authenticate(const AuthenticateRequest& request) const {
  if (takes_anybody_) return take_anybody(request);
  const auto token = request.data.member("token");
  if (const auto text = token ? token->string() : std::nullopt; text && verifier_) return verify(request, *text);
  if (anonymous_ && !token) {
    return Identity{.rooms = own_rooms(view_of(request.client_id, std::nullopt, {}))};
  }
  say_(!token             ? "a client without a token is refused; auth.anonymous would let it in"
       : !token->string() ? "a client is refused: its token is no text"
                          : "a client with a token is refused: there is no [[auth.jwt]] for it");
  return std::nullopt;
}

AuthenticateResult Access::take_anybody(const AuthenticateRequest& request) const {
  Identity identity;
  for (const std::string_view key : {"userId", "token"}) {
    const auto member = request.data.member(key);
    auto name = member ? member->string() : std::nullopt;
    if (!name || name->empty()) continue;
    identity.user_id = std::move(name);
    break;
  }
  identity.rooms = own_rooms(view_of(request.client_id, identity.user_id, {}));
  return identity;
}

AuthenticateResult Access::verify(const AuthenticateRequest& request, const std::string& token) const {
  JwtResult result = verifier_->verify(token);
  if (!result) {
    const JwtRefusal& refusal = result.error();
    say_("a token is refused (" + std::string(to_string(refusal.reason)) + "): " + refusal.text);
    if (refusal.reason == JwtReason::expired) throw TokenExpired();
    return std::nullopt;
  }
  VerifiedJwt& verified = *result;
  const auto holder = std::make_shared<const Holder>(
      Holder{std::move(verified.claims), std::move(verified.grants.join), std::move(verified.grants.publish)});
  Identity identity;
  identity.metadata = std::move(verified.grants.metadata);
  identity.rooms = own_rooms(view_of(request.client_id, verified.user_id, holder));
  identity.rooms.insert(identity.rooms.end(), verified.grants.auto_join.begin(), verified.grants.auto_join.end());
  identity.user_id = std::move(verified.user_id);
  if (verified.expires_at) identity.expires_at = *verified.expires_at;
  identity.messages = verified.grants.messages;
  identity.token_id = std::move(verified.jti);
  identity.issued_at = verified.issued_at;
  identity.context = holder;
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

RoomDecisions Access::validate_room(const ValidateRoomRequest& request) const {
  const ClientView client = view_of(request.client_id, request.user_id, request.context);
  RoomDecisions decisions;
  for (const std::string& room : request.rooms) {
    if (rules_.decide(RoomAction::join, room, client).outcome == RoomDecision::Outcome::allowed) {
      decisions.allowed.push_back(room);
    }
  }
  return decisions;
}

PublishDecision Access::publish(const PublishRequest& request) const {
  constexpr std::uint16_t kNotMember = 202;
  ClientView client = view_of(request.client_id, request.user_id, request.context);
  client.is_member = request.is_member;
  client.event = request.event;
  const RoomDecision decision = rules_.decide(RoomAction::publish, request.room, client);
  if (decision.outcome == RoomDecision::Outcome::allowed) return PublishDecision::allow();
  return decision.code == kNotMember ? PublishDecision::not_member() : PublishDecision::refuse();
}

}  // namespace hearth::app
