#include "hearth/room_pattern.hpp"

#include "auth/pattern.hpp"

#include <stdexcept>
#include <utility>

namespace hearth {
namespace {

RoomPattern parsed(std::string_view text) {
  auto pattern = RoomPattern::parse(text);
  if (!pattern) throw std::invalid_argument("hearth: " + pattern.error());
  return *std::move(pattern);
}

}  // namespace

RoomPattern::RoomPattern(std::shared_ptr<const auth::Pattern> pattern) noexcept : pattern_(std::move(pattern)) {}

RoomPattern::RoomPattern(std::string_view text) : RoomPattern(parsed(text)) {}

boost::system::result<RoomPattern, std::string> RoomPattern::parse(std::string_view text) {
  auto pattern = auth::Pattern::parse(text, auth::Pattern::Placeholders::refused);
  if (!pattern) return {boost::system::in_place_error, pattern.error().text};
  return RoomPattern(std::make_shared<const auth::Pattern>(*std::move(pattern)));
}

const std::string& RoomPattern::text() const noexcept { return pattern_->text(); }

// There are no placeholders to ask for.
bool RoomPattern::matches(std::string_view name) const { return pattern_->matches(name, auth::AnyValues()); }

}  // namespace hearth
