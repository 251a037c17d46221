#include "presence/kept.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace hearth::presence {

namespace {

std::vector<MemberPtr> members_of(const std::vector<KeptMember>& kept) {
  std::vector<MemberPtr> members;
  members.reserve(kept.size());
  for (const KeptMember& member : kept) {
    const auto id = ClientId::parse(member.id);
    if (id) members.push_back(std::make_shared<const Member>(Member{*id, member.user, member.info}));
  }
  return members;
}

}  // namespace

PresenceReport kept_report(const std::string& room, const Report& report) {
  PresenceReport kept{.room = room,
                      .version = report.version,
                      .clients = report.counts.clients,
                      .users = report.counts.users,
                      .is_listed = report.is_listed,
                      .is_whole = report.is_whole};
  for (const MemberPtr& member : report.joined) kept.joined.push_back({member->id.str(), member->user, member->info});
  for (const ClientId& id : report.left) kept.left.push_back(id.str());
  return kept;
}

Report report_of(const PresenceReport& kept) {
  Report report{.version = kept.version,
                .counts = {kept.clients, kept.users},
                .is_listed = kept.is_listed,
                .is_whole = kept.is_whole,
                .joined = members_of(kept.joined)};
  for (const std::string& text : kept.left) {
    if (const auto id = ClientId::parse(text)) report.left.push_back(*id);
  }
  return report;
}

Entry entry_of(const PresenceEntry& kept) {
  return {.node = kept.instance,
          .version = kept.version,
          .counts = {kept.clients, kept.users},
          .is_listed = kept.members.size() == kept.clients,
          .members = members_of(kept.members)};
}

}  // namespace hearth::presence
