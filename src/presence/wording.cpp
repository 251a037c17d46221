#include "presence/wording.hpp"

#include "protocol/json.hpp"

#include <span>

namespace hearth::presence {

namespace {

std::string begin(std::string_view room, std::uint64_t version, const Counts& counts, bool is_stale) {
  std::string text = R"({"room":)";
  text.append(room).append(R"(,"version":)").append(std::to_string(version));
  text.append(R"(,"clients":)").append(std::to_string(counts.clients));
  text.append(R"(,"users":)").append(std::to_string(counts.users));
  if (is_stale) text += R"(,"stale":true)";
  return text;
}

void append_id(std::string& text, const ClientId& id) {
  text += '"';
  id.append_to(text);
  text += '"';
}

void append_members(std::string& text, std::string_view key, std::span<const MemberPtr> members) {
  text.append(",\"").append(key).append("\":[");
  for (const MemberPtr& member : members) {
    text += text.back() == '[' ? R"({"id":)" : R"(,{"id":)";
    append_id(text, member->id);
    if (!member->user.empty()) {
      text += R"(,"userId":)";
      protocol::append_quoted(text, member->user);
    }
    if (!member->info.empty()) text.append(R"(,"info":)").append(member->info);
    text += '}';
  }
  text += ']';
}

}  // namespace

std::string wording(std::string_view room, const Change& change, bool is_stale) {
  std::string text = begin(room, change.version, change.counts, is_stale);
  if (change.is_whole) {
    if (change.is_listed) append_members(text, "members", change.joined);
    return text + '}';
  }
  if (!change.joined.empty()) append_members(text, "joined", change.joined);
  if (!change.left.empty()) {
    text += R"(,"left":[)";
    for (const ClientId& id : change.left) {
      if (text.back() != '[') text += ',';
      append_id(text, id);
    }
    text += ']';
  }
  return text + '}';
}

std::string wording(std::string_view room, const Picture& picture, bool is_stale) {
  std::string text = begin(room, picture.version, picture.counts, is_stale);
  if (picture.is_listed) append_members(text, "members", picture.members);
  if (picture.is_cut && !picture.members.empty()) {
    text += R"(,"next":)";
    append_id(text, picture.members.back()->id);
  }
  return text + '}';
}

}  // namespace hearth::presence
