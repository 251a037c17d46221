#include "presence/others.hpp"

#include "presence/mistake.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

namespace hearth::presence {

void Others::report(std::string_view name, const Report& report, Roster& roster, TimePoint now) {
  if (name == self_) return;
  auto found = nodes_.find(name);
  if (found == nodes_.end()) found = nodes_.try_emplace(std::string(name)).first;
  Node& node = found->second;
  if (report.version <= node.version) return;
  // What is whole needs nothing before it.
  const bool follows = report.version == node.version + 1 || made(Mistake::misses_a_version_jump);
  if (!report.is_whole && !follows) {
    wanted_ = true;
    return;
  }
  if (report.is_whole || !report.is_listed) {
    replace(node,
            {.node = found->first,
             .version = report.version,
             .counts = report.counts,
             .is_listed = report.is_listed,
             .members = report.joined},
            roster, now);
  } else {
    node.version = report.version;
    node.missing = {};
    for (const MemberPtr& member : report.joined) {
      if (node.members.insert(member->id).second) roster.join(member);
    }
    for (const ClientId& id : report.left) {
      if (node.members.erase(id) > 0) roster.leave(id, now);
    }
  }
  count(roster);
}

void Others::dead(std::string_view name, Roster& roster, TimePoint now) {
  const auto node = nodes_.find(name);
  if (node == nodes_.end() || made(Mistake::keeps_the_dead)) return;
  clear(node->second, roster, now);
  nodes_.erase(node);
  count(roster);
}

void Others::clear(Node& node, Roster& roster, TimePoint now) {
  for (const ClientId& id : node.members) roster.leave(id, now);
  node.members.clear();
  node.unlisted = {};
}

void Others::begin_read() noexcept {
  wanted_ = false;
  reading_ = true;
  reread_ = {};
}

void Others::read_failed(TimePoint again) noexcept {
  reading_ = false;
  reread_ = again;
}

void Others::read(std::span<const Entry> entries, Roster& roster, TimePoint now) {
  reading_ = false;
  is_ready_ = true;
  for (const Entry& entry : entries) {
    if (entry.node == self_) continue;
    Node& node = nodes_[entry.node];
    node.missing = {};
    if (entry.version > node.version || made(Mistake::reads_older_entries)) replace(node, entry, roster, now);
  }
  const auto has = [&](std::string_view name) {
    return std::any_of(entries.begin(), entries.end(), [name](const Entry& entry) { return entry.node == name; });
  };
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    auto& [name, node] = *at;
    if (has(name)) {
      ++at;
      continue;
    }
    // ⚑ A store that was emptied has nothing of anybody, and nobody has gone: each says everything once more within a
    // beat. Of one that does not, the last words were missed.
    if (node.missing == TimePoint()) node.missing = now;
    if (now - node.missing < missing_ && !made(Mistake::forgets_the_missing_at_once)) {
      const TimePoint until = node.missing + missing_;
      reread_ = reread_ == TimePoint() ? until : std::min(reread_, until);
      ++at;
      continue;
    }
    clear(node, roster, now);
    at = nodes_.erase(at);
  }
  count(roster);
}

void Others::replace(Node& node, const Entry& entry, Roster& roster, TimePoint now) const {
  node.version = entry.version;
  node.missing = {};
  node.unlisted = entry.is_listed ? Counts() : entry.counts;
  std::set<ClientId, ById> members;
  if (entry.is_listed) {
    for (const MemberPtr& member : entry.members) {
      members.insert(member->id);
      if (!node.members.contains(member->id)) roster.join(member);
    }
  }
  for (const ClientId& id : node.members) {
    if (!members.contains(id)) roster.leave(id, now);
  }
  node.members = std::move(members);
}

void Others::count(Roster& roster) const {
  Counts sum;
  for (const auto& [name, node] : nodes_) {
    sum.clients += node.unlisted.clients;
    sum.users += node.unlisted.users;
  }
  roster.count_unlisted(sum);
}

}  // namespace hearth::presence
