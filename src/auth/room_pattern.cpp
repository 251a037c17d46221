#include "hearth/room_pattern.hpp"

#include "auth/pattern.hpp"

#include <stdexcept>
#include <utility>

namespace hearth {
namespace {

std::shared_ptr<const auth::Pattern> pattern_of(std::string_view text) {
  auto pattern = auth::Pattern::parse(text, auth::Pattern::Placeholders::refused);
  if (!pattern) throw std::invalid_argument("hearth: " + pattern.error().text);
  return std::make_shared<const auth::Pattern>(*std::move(pattern));
}

}  // namespace

RoomPattern::RoomPattern(std::string_view text) : pattern_(pattern_of(text)) {}

const std::string& RoomPattern::text() const noexcept { return pattern_->text(); }

// There are no placeholders to ask for.
bool RoomPattern::matches(std::string_view name) const { return pattern_->matches(name, auth::AnyValues()); }

}  // namespace hearth
