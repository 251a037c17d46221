#include "api/publish_request.hpp"

#include "hearth/names.hpp"

#include <utility>

namespace hearth::app {

namespace {

constexpr std::size_t kMostKey = 128;  // bytes

Target::Kind kind_of(std::string_view member) {
  if (member == "client") return Target::Kind::client;
  if (member == "all") return Target::Kind::everybody;
  return member.starts_with("room") ? Target::Kind::room : Target::Kind::user;
}

}  // namespace

void check_room(std::string_view member, const std::string& room) {
  if (!is_valid_room_name(room)) {
    throw invalid(member,
                  "has a name that no room can have: at most 256 UTF-16 code units, and not beginning with ws:");
  }
}

std::vector<std::string> read_rooms(const ApiBody& body, std::string_view member) {
  auto rooms = body.texts(member);
  for (const std::string& room : rooms) check_room(member, room);
  return rooms;
}

PublishRequestBody::PublishRequestBody(std::string_view text) {
  const ApiBody body(
      text, {"room", "rooms", "user", "users", "client", "all", "event", "data", "exclude", "key", "idempotencyKey"});
  event_ = body.text("event");
  data_ = body.raw("data");
  exclude_ = body.optional_texts("exclude");
  idempotency_key_ = body.optional_text("idempotencyKey").value_or("");
  key_ = body.optional_text("key").value_or("");
  if (idempotency_key_.size() > kMostKey) throw invalid("idempotencyKey", "is longer than 128 bytes");
  if (key_.size() > kMostKey) throw invalid("key", "is longer than 128 bytes");
  const std::string_view member = body.one_of({"room", "rooms", "user", "users", "client", "all"});
  if (is_reserved_event(event_)) throw invalid("event", "is one of the protocol's own");
  if (member == "all") {
    body.expect_true(member);
    targets_.push_back(Target::everybody());
  } else if (member.ends_with('s')) {
    names_ = body.texts(member);
  } else {
    names_.push_back(body.text(member));
  }
  for (const std::string& name : names_) {
    if (kind_of(member) == Target::Kind::room) check_room(member, name);
    targets_.push_back({kind_of(member), name});
  }
  const Target::Kind kind = targets_.front().kind;
  if (!key_.empty() && kind != Target::Kind::room) throw invalid("key", "is for rooms alone");
  if (!exclude_.empty() && kind != Target::Kind::room && kind != Target::Kind::everybody) {
    throw invalid("exclude", "is for rooms and for all alone");
  }
}

void PublishRequestBody::check(const ApiGrant& grant) const {
  for (const Target& target : targets_) {
    const bool may = target.kind == Target::Kind::room ? grant.may_use(target.name) : !grant.rooms;
    if (!may) {
      throw ApiProblem{
          403, "forbidden", "the key " + grant.name + " may publish to certain rooms alone; see its `rooms`", {}};
    }
  }
}

}  // namespace hearth::app
