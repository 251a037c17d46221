#include "api/client_json.hpp"
#include "api/handlers.hpp"
#include "api/publish_request.hpp"
#include "api/rule_json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app::routes {

namespace {

constexpr std::size_t kPage = 100;
constexpr std::size_t kMostBusy = 256;

struct Ranking {
  std::string_view name;
  Busiest by;
  std::string_view of;  ///< member of the answer's elements
};

constexpr std::array<Ranking, 6> kRankings{{{"rooms.members", Busiest::rooms_by_members, "room"},
                                            {"rooms.messages", Busiest::rooms_by_messages, "room"},
                                            {"rooms.bytes", Busiest::rooms_by_bytes, "room"},
                                            {"clients.backlog", Busiest::clients_by_backlog, "client"},
                                            {"clients.messages", Busiest::clients_by_messages, "client"},
                                            {"clients.newest", Busiest::clients_by_age, "client"}}};

ClientState read_state(const std::string& text) {
  for (const ClientState state :
       std::array{ClientState::unauthorized, ClientState::authenticating, ClientState::authenticated}) {
    if (text == to_string(state)) return state;
  }
  throw ApiProblem{
      422, "invalid_value", "the parameter state is none of unauthorized, authenticating and authenticated", {}};
}

ClientQuery client_query(const ApiQuery& query) {
  ClientQuery wanted;
  wanted.user = query.text("user");
  wanted.room = query.text("room");
  wanted.address = query.text("address");
  if (const auto state = query.text("state")) wanted.state = read_state(*state);
  wanted.after = query.text_or_empty("after");
  wanted.limit = query.limit(kPage, kMostListed);
  return wanted;
}

boost::json::object page_of(const ClientPage& page) {
  boost::json::object body{{"clients", json_of(page.clients)}};
  if (!page.next.empty()) body["next"] = page.next;
  return body;
}

/// An element of a list, or an answer, that is about a room: with what the room is.
void add_rule(boost::json::object& about, const Server& server, const RoomRules& rules, std::string_view room) {
  if (auto rule = rule_json(server, rules, room)) about["rule"] = *std::move(rule);
}

/// A room, and a page of who is in it.
struct RoomView {
  std::size_t members;
  ClientPage page;
};

RoomView look_at(const Server& server, const ClientQuery& query) {
  // By name, a room comes before all others that begin so.
  const RoomPage found = server.rooms(RoomQuery{*query.room, std::nullopt, {}, 1});
  const bool is_there = !found.rooms.empty() && found.rooms.front().name == *query.room;
  return {is_there ? found.rooms.front().members : 0, server.clients(query)};
}

}  // namespace

Awaited clients(ApiDesk& desk, const ApiCall& call) {
  const Server& server = desk.server;
  const ClientQuery query = client_query(call.query);
  const auto list = [&server, query] { return server.clients(query); };
  const ClientPage page = co_await desk.ask(list);
  co_return answer_of(200, page_of(page));
}

Awaited client(ApiDesk& desk, const ApiCall& call) {
  const Server& server = desk.server;
  const std::string id(call.name);
  if (call.query.is_for_cluster()) co_return co_await cluster_client(desk, id);
  const auto find = [&server, id] { return server.client(id); };
  const auto found = co_await desk.ask(find);
  if (!found) throw ApiProblem{404, "no_such_client", "no client of this instance has that id", {}};
  co_return answer_of(200, json_of(*found));
}

Awaited user(ApiDesk& desk, const ApiCall& call) {
  const Server& server = desk.server;
  const std::string id(call.name);
  if (call.query.is_for_cluster()) co_return co_await cluster_user(desk, id);
  const auto find = [&server, id] { return server.clients_of_user(id); };
  const auto found = co_await desk.ask(find);
  co_return answer_of(200, {{"user", id}, {"clients", json_of(found)}});
}

Awaited rooms(ApiDesk& desk, const ApiCall& call) {
  const Server& server = desk.server;
  const RoomQuery query{call.query.text_or_empty("prefix"), call.query.text("user"), call.query.text_or_empty("after"),
                        call.query.limit(kPage, kMostListed)};
  const auto list_rooms = [&server, query] { return server.rooms(query); };
  const RoomPage page = co_await desk.ask(list_rooms);
  const RoomRules rules = server.settings().room_rules;
  boost::json::array list;
  for (const RoomEntry& room : page.rooms) {
    boost::json::object element{{"room", room.name}, {"members", room.members}};
    add_rule(element, server, rules, room.name);
    list.push_back(std::move(element));
  }
  boost::json::object body{{"rooms", std::move(list)}};
  if (!page.next.empty()) body["next"] = page.next;
  co_return answer_of(200, body);
}

Awaited room(ApiDesk& desk, const ApiCall& call) {
  const Server& server = desk.server;
  ClientQuery query;
  query.room = std::string(call.name);
  query.after = call.query.text_or_empty("after");
  query.limit = call.query.limit(kPage, kMostListed);
  if (call.query.is_for_cluster()) {
    if (!query.after.empty())
      throw ApiProblem{422, "invalid_value", "the parameter after is not for scope=cluster", {}};
    co_return co_await cluster_room(desk, *query.room, query.limit);
  }
  const auto look = [&server, query] { return look_at(server, query); };
  const RoomView view = co_await desk.ask(look);
  boost::json::object body = page_of(view.page);
  body["room"] = *query.room;
  body["members"] = view.members;
  add_rule(body, server, server.settings().room_rules, *query.room);
  co_return answer_of(200, body);
}

Awaited top(ApiDesk& desk, const ApiCall& call) {
  const std::string by = call.query.text_or_empty("by");
  const auto* found =
      std::find_if(kRankings.begin(), kRankings.end(), [&](const Ranking& ranking) { return ranking.name == by; });
  if (found == kRankings.end()) {
    std::string names;
    for (const Ranking& ranking : kRankings) names += (names.empty() ? "" : ", ") + std::string(ranking.name);
    throw ApiProblem{422, "invalid_value", "the parameter by has to be one of " + names, {}};
  }
  const Ranking ranking = *found;
  const Server& server = desk.server;
  const std::size_t count = call.query.limit(20, kMostBusy);
  const auto find = [&server, ranking, count] { return server.busiest(ranking.by, count); };
  const auto entries = co_await desk.ask(find);
  const RoomRules rules = server.settings().room_rules;
  boost::json::array list;
  for (const BusyEntry& entry : entries) {
    boost::json::object element{{ranking.of, entry.name}, {"value", entry.value}};
    if (entry.error > 0) element["error"] = entry.error;
    if (ranking.of == "room") add_rule(element, server, rules, entry.name);
    list.push_back(std::move(element));
  }
  co_return answer_of(200, {{"by", by}, {"top", std::move(list)}});
}

}  // namespace hearth::app::routes
