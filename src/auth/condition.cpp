#include "auth/condition.hpp"

#include "auth/shown.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace hearth::auth {
namespace {

using ConditionKind = Condition::Kind;

constexpr std::string_view kClaimPrefix = "claim:";
constexpr std::array<std::pair<std::string_view, ConditionKind>, 6> kWords{{{"anyone", ConditionKind::anyone},
                                                                            {"users", ConditionKind::users},
                                                                            {"granted", ConditionKind::granted},
                                                                            {"members", ConditionKind::members},
                                                                            {"ask", ConditionKind::ask},
                                                                            {"nobody", ConditionKind::nobody}}};

Parsed<Condition> parse_claim(std::string_view text) {
  const std::string_view rest = text.substr(kClaimPrefix.size());
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos || equals + 1 == rest.size()) {
    return Problem{"the condition " + shown(text) + " needs a value to compare with, such as claim:/realm/roles=admin"};
  }
  auto claim = ClaimPath::parse(rest.substr(0, equals));
  if (!claim) return Problem{"the condition " + shown(text) + " is wrong: " + claim.error().text};
  return Condition{ConditionKind::claim, *std::move(claim), std::string(rest.substr(equals + 1)), std::string(text)};
}

std::span<const RoomPattern> granted(RoomAction action, const ClientView& client) noexcept {
  return action == RoomAction::join ? client.join : client.publish;
}

const RoomPattern* grant_for(RoomAction action, std::string_view room, const ClientView& client) {
  for (const RoomPattern& pattern : granted(action, client)) {
    if (pattern.matches(room)) return &pattern;
  }
  return nullptr;
}

bool is_user(const ClientView& client) noexcept { return client.user_id && !client.user_id->empty(); }

const boost::json::value* claim_of(const Condition& condition, const ClientView& client) noexcept {
  return client.claims != nullptr ? condition.claim->find(*client.claims) : nullptr;
}

std::string reason_of_grant(RoomAction action, std::string_view room, const ClientView& client) {
  const std::string list = action == RoomAction::join ? "`join`" : "`publish`";
  if (granted(action, client).empty()) return "the client was granted no " + list;
  const RoomPattern* grant = grant_for(action, room, client);
  if (grant == nullptr) return "no pattern of the client's " + list + " matches";
  return "the client's " + list + " has " + shown(grant->text());
}

std::string reason_of_claim(const Condition& condition, const ClientView& client) {
  const auto* claim = claim_of(condition, client);
  if (claim == nullptr) return "the client has no claim " + shown(condition.claim->text());
  return "the claim is " + shown(boost::json::serialize(*claim));
}

}  // namespace

Parsed<Condition> parse_condition(std::string_view text, RoomAction action) {
  if (text.starts_with(kClaimPrefix)) return parse_claim(text);
  const auto* found = std::find_if(kWords.begin(), kWords.end(), [&](const auto& word) { return word.first == text; });
  if (found == kWords.end()) {
    return Problem{shown(text) +
                   " is no condition; there are anyone, users, granted, claim:NAME=VALUE, members, ask, nobody"};
  }
  if (found->second == ConditionKind::members && action == RoomAction::join) {
    return Problem{"`members` is for `publish` alone: nobody is in a room before joining it"};
  }
  return Condition{found->second, std::nullopt, {}, std::string(text)};
}

bool holds(const Condition& condition, RoomAction action, std::string_view room, const ClientView& client) {
  switch (condition.kind) {
    case ConditionKind::anyone:
    case ConditionKind::ask:
      return true;
    case ConditionKind::users:
      return is_user(client);
    case ConditionKind::granted:
      return grant_for(action, room, client) != nullptr;
    case ConditionKind::claim: {
      const auto* claim = claim_of(condition, client);
      return claim != nullptr && has_text_or_truth(*claim, condition.value);
    }
    case ConditionKind::members:
      return client.is_member;
    case ConditionKind::nobody:
      break;
  }
  return false;
}

std::string reason(const Condition& condition, RoomAction action, std::string_view room, const ClientView& client) {
  switch (condition.kind) {
    case ConditionKind::anyone:
      return "holds always";
    case ConditionKind::ask:
      return "the backend is asked";
    case ConditionKind::users:
      return is_user(client) ? "the client's user id is " + shown(*client.user_id) : "the client has no user id";
    case ConditionKind::granted:
      return reason_of_grant(action, room, client);
    case ConditionKind::claim:
      return reason_of_claim(condition, client);
    case ConditionKind::members:
      return client.is_member ? "the client is in the room" : "the client is not in the room";
    case ConditionKind::nobody:
      break;
  }
  return "holds never";
}

}  // namespace hearth::auth
