#include "shard/present_rooms.hpp"

#include "presence/roster.hpp"
#include "protocol/json.hpp"
#include "protocol/request_error.hpp"
#include "protocol/system_events.hpp"
#include "shard/since.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace hearth::shard {

namespace error = protocol::request_error;
using presence::Note;

namespace {

/// What a request wants to know; nothing if it is none.
struct Wanted {
  std::string room{};
  std::optional<presence::Page> page{};
};

std::optional<std::string> read_text(std::string_view json) {
  if (!protocol::is_string(json) || protocol::has_lone_surrogate(json)) return std::nullopt;
  std::string scratch;
  return std::string(protocol::unescape(json, scratch));
}

std::optional<presence::Page> read_page(std::optional<std::string_view> after, std::optional<std::string_view> limit) {
  presence::Page page{.limit = presence::Roster::kMostListed};
  if (after) {
    const auto text = read_text(*after);
    page.after = text ? protocol::ClientId::parse(*text) : std::nullopt;
    if (!page.after) return std::nullopt;
  }
  if (limit) {
    const auto number = parse_offset(*limit);
    if (!number || *number == 0) return std::nullopt;
    page.limit = static_cast<std::size_t>(std::min<std::uint64_t>(*number, page.limit));
  }
  return page;
}

std::optional<Wanted> read_wanted(std::string_view data) {
  if (!protocol::is_object(data)) return std::nullopt;
  const auto given = [data](std::string_view key) {
    const auto value = protocol::find_member(data, key);
    return value && *value != "null" ? value : std::nullopt;
  };
  const auto room = given("room");
  auto name = room ? read_text(*room) : std::nullopt;
  if (!name) return std::nullopt;
  Wanted wanted{.room = *std::move(name)};
  const auto after = given("after");
  const auto limit = given("limit");
  if (!after && !limit) return wanted;
  wanted.page = read_page(after, limit);
  return wanted.page ? std::optional(std::move(wanted)) : std::nullopt;
}

}  // namespace

bool PresentRooms::is_taken(std::string_view room) const {
  return any() && (has(room) || at_.remembering.presence_of(room) != nullptr);
}

presence::MemberPtr PresentRooms::member_of(const hub::Client& client) {
  presence::Member member{.id = client.id};
  if (client.user != nullptr) member.user = client.user->id;
  if (client.details) member.info = client.details->info;
  return std::make_shared<const presence::Member>(std::move(member));
}

// Before it is authenticated nobody knows of it: it is in its rooms already, but may have to wait for the broker.
void PresentRooms::joined(const hub::Client& client, const hub::Room& room) {
  auto found = rooms_.find(room.name);
  if (found == rooms_.end()) {
    RulePtr rule = at_.remembering.presence_of(room.name);
    if (!rule) return;  // the rules have changed this moment
    found = rooms_.emplace(room.name, Present{std::move(rule)}).first;
  }
  if (client.is_authenticated()) note_joined(client, room.name, found->second.rule);
}

void PresentRooms::note_joined(const hub::Client& client, const std::string& room, const RulePtr& rule) {
  news_.push_back({.kind = Note::Kind::joined, .room = room, .rule = rule, .member = member_of(client)});
}

void PresentRooms::not_joined(const hub::Client& client, const hub::Room& room) noexcept {
  if (!news_.empty()) {
    const Note& last = news_.back();
    const bool is_its = last.kind == Note::Kind::joined && last.member->id == client.id && last.room == room.name;
    if (is_its) news_.pop_back();
  }
  if (const auto found = rooms_.find(room.name); found != rooms_.end() && room.members.empty()) rooms_.erase(found);
}

void PresentRooms::left(const hub::Client& client, const hub::Room& room) {
  const auto found = rooms_.find(room.name);
  if (found == rooms_.end()) return;
  // What is thrown for want of memory has this done once more, and then nothing may be missing.
  Watching& watching = found->second.watching;
  if (watching.size() == 1 && watching.contains(client.id)) {
    news_.push_back({.kind = Note::Kind::unwatch, .room = room.name});
  }
  watching.erase(client.id);
  if (client.is_authenticated()) {
    news_.push_back({.kind = Note::Kind::left, .room = room.name, .client = client.id});
  }
  if (room.members.size() == 1) rooms_.erase(found);
}

void PresentRooms::admitted(const hub::Client& client) {
  if (!any()) return;
  for (const auto& membership : client.memberships) {
    const auto found = rooms_.find(membership.room->name);
    if (found != rooms_.end()) note_joined(client, found->first, found->second.rule);
  }
}

void PresentRooms::rules_changed() {
  if (!any()) return;
  at_.hub.for_each_room([&](const hub::Room& room) {
    if (has(room.name) || at_.remembering.presence_of(room.name) == nullptr) return;
    for (const hub::Client* member : room.members) joined(*member, room);
  });
}

void PresentRooms::watch(const hub::Client& client, std::string_view room) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || !at_.hub.is_member(client, room)) return;
  found->second.watching.try_emplace(client.id, false);
  news_.push_back({.kind = Note::Kind::watch, .room = std::string(room), .client = client.id});
}

void PresentRooms::request(hub::Client& client, const protocol::Envelope& envelope) {
  if (envelope.id_json.empty()) return;
  auto wanted = read_wanted(envelope.data);
  if (!wanted) return at_.answers.error(client, error::kInvalidRequest, envelope.id_json);
  if (!at_.hub.is_member(client, wanted->room)) {
    return at_.answers.error(client, error::kNotMember, envelope.id_json);
  }
  if (!has(wanted->room)) return at_.answers.error(client, error::kNoPresence, envelope.id_json);
  Turns::begin(client);
  news_.push_back({.kind = Note::Kind::ask,
                   .room = std::move(wanted->room),
                   .client = client.id,
                   .id_json = std::string(envelope.id_json),
                   .page = wanted->page});
}

void PresentRooms::tell(std::string_view room, std::string_view text) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  told_.clear();
  for (const auto& [id, is_shown] : found->second.watching) {
    hub::Client* client = is_shown ? at_.hub.find_open(id) : nullptr;
    if (client != nullptr) told_.push_back(client);
  }
  at_.deliveries.deliver_to(told_, {.event = protocol::event::kPresence, .data = text});
}

void PresentRooms::show(std::string_view room, const protocol::ClientId& id, std::string_view text) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  const auto watching = found->second.watching.find(id);
  hub::Client* client = watching != found->second.watching.end() ? at_.hub.find_open(id) : nullptr;
  if (client == nullptr) return;
  watching->second = true;
  at_.answers.event(*client, protocol::event::kPresence, text);
}

void PresentRooms::answer(const protocol::ClientId& id, std::string_view id_json, std::string_view text) {
  if (hub::Client* client = at_.hub.find_open(id)) {
    text.empty() ? at_.answers.error(*client, error::kNoPresence, id_json)
                 : at_.answers.event(*client, protocol::event::kPresence, text, id_json);
  }
  at_.turns.end(id);
}

void PresentRooms::pass_on() {
  if (news_.empty()) return;
  at_.desk->take(shard_, news_);
  news_.clear();
}

}  // namespace hearth::shard
