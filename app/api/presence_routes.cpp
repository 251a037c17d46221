#include "api/called_back.hpp"
#include "api/handlers.hpp"
#include "hearth/names.hpp"
#include "hearth/presence.hpp"

#include <boost/json/array.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace hearth::app::routes {

namespace {

constexpr std::size_t kPresencePage = 100;

boost::json::object member_json(const PresentMember& member) {
  boost::json::object json{{"id", member.id}};
  if (member.user_id) json["user"] = *member.user_id;
  if (!member.info.is_null()) json["info"] = member.info;
  return json;
}

boost::json::object presence_json(const std::string& room, const PresencePage& page) {
  boost::json::object json{{"room", room}, {"version", page.version}, {"clients", page.clients}, {"users", page.users}};
  if (page.stale) json["stale"] = true;
  if (!page.members) return json;
  boost::json::array members;
  for (const PresentMember& member : *page.members) members.push_back(member_json(member));
  json["members"] = std::move(members);
  if (!page.next.empty()) json["next"] = page.next;
  return json;
}

}  // namespace

// Of all instances: it is what members are told.
Awaited presence(ApiDesk& desk, const ApiCall& call) {
  using Found = std::optional<Result<PresencePage>>;  // nothing: the rule of the room has none
  const std::string room(call.name);
  const PresenceQuery query{call.query.text_or_empty("after"), call.query.limit(kPresencePage, kMostListed)};
  if (!query.after.empty() && !is_client_id(query.after)) {
    throw ApiProblem{422, "invalid_value", "the parameter after is no client id; give the next of a page", {}};
  }
  const auto ask = [&server = desk.server, &room, &query](const auto& done) {
    if (!server.presence(room, query, done)) done(std::nullopt);
  };
  const Found found = co_await called_back<Found>(ask);
  if (!found) throw ApiProblem{404, "no_presence", "the rule of this room has no presence", {}};
  if (!*found) throw ApiProblem{503, "shutting_down", "this instance ends, and knows of nobody any more", {}};
  co_return answer_of(200, presence_json(room, **found));
}

}  // namespace hearth::app::routes
