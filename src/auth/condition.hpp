#pragma once

#include "auth/claim_path.hpp"
#include "auth/parsed.hpp"
#include "hearth/client_view.hpp"
#include "hearth/room_rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::auth {

/// A condition of a rule (docs/rules.md, Conditions).
struct Condition {
  enum class Kind : std::uint8_t { anyone, users, granted, claim, members, ask, nobody };

  Kind kind = Kind::nobody;
  std::optional<ClaimPath> claim{};  ///< with Kind::claim, and what it has to be
  std::string value{};
  std::string text{};  ///< as it was written
};

Parsed<Condition> parse_condition(std::string_view text, RoomAction action);

/// Whether it holds as far as the server knows: Kind::ask does.
bool holds(const Condition& condition, RoomAction action, std::string_view room, const ClientView& client);

/// Why it holds or not, for people.
std::string reason(const Condition& condition, RoomAction action, std::string_view room, const ClientView& client);

}  // namespace hearth::auth
