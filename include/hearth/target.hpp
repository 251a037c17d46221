#pragma once

#include <cstdint>
#include <string_view>

namespace hearth {

/// Whom a message is for (docs/protocol.md, Addressing). A view: good for as long as the text that `name` points to.
struct Target {
  enum class Kind : std::uint8_t { everybody, client, user, room };

  Kind kind = Kind::everybody;
  std::string_view name{};  ///< a client id, user id or room; `everybody` has none

  static constexpr Target everybody() noexcept { return {}; }
  static constexpr Target client(std::string_view id) noexcept { return {Kind::client, id}; }
  static constexpr Target user(std::string_view id) noexcept { return {Kind::user, id}; }
  static constexpr Target room(std::string_view name) noexcept { return {Kind::room, name}; }

  bool operator==(const Target&) const = default;
};

}  // namespace hearth
