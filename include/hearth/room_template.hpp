#pragma once

#include "hearth/client_view.hpp"
#include "hearth/export.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

namespace auth {
class Pattern;
}  // namespace auth

/// The name of a room of each client's own, with placeholders and without wildcards: `user:{user}`,
/// `team:{claim:teams}` (docs/rules.md, Rooms to be put in). Copies share what is inside; any thread may use them.
class HEARTH_API RoomTemplate {
 public:
  /// Most rooms that one template gives for a client; further ones are left out.
  static constexpr std::size_t kMaxRooms = 64;

  /// Throws std::invalid_argument, which says what is wrong.
  explicit RoomTemplate(std::string_view text);

  const std::string& text() const noexcept;
  /// None if a placeholder has no value, or one with the character that follows it; one for each element of a claim
  /// that is a list. Names that are too long for a room are left out.
  std::vector<std::string> rooms(const ClientView& client) const;

 private:
  std::shared_ptr<const auth::Pattern> pattern_;
};

}  // namespace hearth
