#include "hearth/room_template.hpp"

#include "auth/client_values.hpp"
#include "auth/pattern.hpp"
#include "protocol/json.hpp"
#include "protocol/system_events.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hearth {
namespace {

using auth::Pattern;
using Kind = Pattern::Part::Kind;

std::shared_ptr<const Pattern> template_of(std::string_view text) {
  auto pattern = Pattern::parse(text, Pattern::Placeholders::allowed);
  if (!pattern) throw std::invalid_argument("hearth: " + pattern.error().text);
  const auto& parts = pattern->parts();
  if (std::any_of(parts.begin(), parts.end(),
                  [](const auto& part) { return part.kind == Kind::star || part.kind == Kind::double_star; })) {
    throw std::invalid_argument(
        "hearth: the room `" + std::string(text) +
        "` has a wildcard, and a client is put into rooms by name; write \\* for the character");
  }
  return std::make_shared<const Pattern>(*std::move(pattern));
}

/// What may follow what is there already.
std::vector<std::string> texts_of(const Pattern& pattern, std::size_t part, const auth::ClientValues& values) {
  const auto& parts = pattern.parts();
  if (parts[part].kind == Kind::literal) return {std::string(pattern.literal(parts[part]))};
  std::vector<std::string> texts = values.all(pattern.placeholders()[parts[part].begin]);
  const std::string_view end = pattern.end_of_placeholder(part);
  std::erase_if(texts, [&](const std::string& text) { return !end.empty() && text.find(end) != std::string::npos; });
  return texts;
}

}  // namespace

RoomTemplate::RoomTemplate(std::string_view text) : pattern_(template_of(text)) {}

const std::string& RoomTemplate::text() const noexcept { return pattern_->text(); }

std::vector<std::string> RoomTemplate::rooms(const ClientView& client) const {
  const auth::ClientValues values(client);
  std::vector<std::string> rooms{""};
  for (std::size_t part = 0; part < pattern_->parts().size(); ++part) {
    std::vector<std::string> longer;
    for (const std::string& text : texts_of(*pattern_, part, values)) {
      for (const std::string& room : rooms) {
        if (longer.size() < kMaxRooms) longer.push_back(room + text);
      }
    }
    rooms = std::move(longer);
  }
  std::erase_if(rooms,
                [](const std::string& room) { return protocol::utf16_length(room) > protocol::kMaxRoomNameLength; });
  return rooms;
}

}  // namespace hearth
