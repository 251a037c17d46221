#include "history/checker/publisher_rules.hpp"

#include <algorithm>

namespace hearth::test {

namespace {

std::string name(const Position& position) { return position.epoch.str() + ':' + std::to_string(position.offset); }

}  // namespace

void PublisherRules::sent(const Record& record) {
  const auto [sends, is_new] = sends_.try_emplace({record.room, record.key}, Sends{record.at, record.at});
  if (!is_new) sends->second.last = record.at;
}

void PublisherRules::acked(const Record& record, const Branches& branches, const Report& report) {
  if (record.position.offset == 0) {  // a duplicate whose place is not known; somewhere it has to be
    for (const auto& branch : branches.all()) {
      for (const auto& entry : branch.entries) {
        if (entry.is_there && entry.key == record.key) return;
      }
    }
    return report("C5", "publication " + std::to_string(record.key) + " was acknowledged and never was in the log");
  }
  const auto branch = branches.find(record.position.epoch);
  const auto* entry = branch ? branches.entry(*branch, record.position.offset) : nullptr;
  if (entry == nullptr || entry->key != record.key) {
    return report("C5", "publication " + std::to_string(record.key) + " was acknowledged at " + name(record.position) +
                            (entry == nullptr ? ", where the log has nothing" : ", where the log has another"));
  }
  acked_.push_back(record);
}

void PublisherRules::check_acked(std::uint32_t room, const Branches& branches, std::size_t branch, std::uint64_t top,
                                 const Report& report) const {
  for (const Record& record : acked_) {
    if (record.room != room) continue;
    const std::size_t owner = *branches.find(record.position.epoch);
    const bool is_there = record.position.offset <= top && branches.is_on_line(branch, owner, record.position.offset);
    if (is_there || node_was_told(record)) continue;
    report("C5", "publication " + std::to_string(record.key) + ", acknowledged at " + name(record.position) +
                     ", is gone, and node " + std::to_string(record.count) + " was not told");
  }
}

bool PublisherRules::node_was_told(const Record& acked) const {
  const auto node = static_cast<std::uint32_t>(acked.count);
  if (gone_.contains(node)) return true;
  return std::any_of(told_.begin(), told_.end(), [&](const Record& told) {
    return told.who == node && told.room == acked.room && told.position.epoch == acked.position.epoch &&
           told.position.offset <= acked.position.offset && acked.position.offset <= told.top;
  });
}

void PublisherRules::check_keys(std::uint32_t room, const Branches& branches, const Report& report) const {
  struct At {
    std::size_t branch;
    std::uint64_t offset;
  };
  std::unordered_map<std::uint64_t, std::vector<At>> places;
  for (std::size_t branch = 0; branch < branches.all().size(); ++branch) {
    const auto& its = branches.all()[branch];
    for (std::size_t i = 0; i < its.entries.size(); ++i) {
      if (!its.entries[i].is_there || its.entries[i].key == 0) continue;
      auto& known = places[its.entries[i].key];
      const At here{branch, its.first + i};
      for (const At& other : known) {
        // Two places are one too many if one's line leads through the other.
        const At& later = other.offset > here.offset ? other : here;
        const At& earlier = other.offset > here.offset ? here : other;
        if (branches.owner(later.branch, earlier.offset) != earlier.branch) continue;
        report("C6", "publication " + std::to_string(its.entries[i].key) + " is in room " + std::to_string(room) +
                         " at offsets " + std::to_string(earlier.offset) + " and " + std::to_string(later.offset));
      }
      known.push_back(here);
    }
  }
}

bool PublisherRules::is_repeated(const Branches& branches, std::uint64_t key) {
  std::size_t times = 0;
  for (const auto& branch : branches.all()) {
    times += static_cast<std::size_t>(std::count_if(branch.entries.begin(), branch.entries.end(),
                                                    [key](const auto& it) { return it.is_there && it.key == key; }));
  }
  return times > 1;
}

void PublisherRules::check_order(std::uint32_t room, const Branches& branches, std::size_t branch, std::uint64_t top,
                                 const Report& report) const {
  struct Last {
    std::int64_t first_sent;
    std::uint64_t key;
  };
  std::map<std::uint32_t, Last> newest;  // by publisher: of what is in the log so far, the one sent first last
  for (std::uint64_t offset = 1; offset <= top; ++offset) {
    const auto* entry = branches.entry(branch, offset);
    if (entry == nullptr || entry->key == 0 || refused_.contains({room, entry->key})) continue;
    const auto sends = sends_.find({room, entry->key});
    if (sends == sends_.end()) continue;
    const auto [last, is_first] = newest.try_emplace(entry->who, Last{sends->second.first, entry->key});
    if (is_first) continue;
    if (sends->second.last < last->second.first_sent && !is_repeated(branches, entry->key)) {
      report("C6", "publisher " + std::to_string(entry->who) + " sent " + std::to_string(entry->key) + " before " +
                       std::to_string(last->second.key) + ", and the log of room " + std::to_string(room) +
                       " has them the other way round");
    }
    if (sends->second.first > last->second.first_sent) last->second = {sends->second.first, entry->key};
  }
}

}  // namespace hearth::test
