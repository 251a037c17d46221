#include "backend/node_list.hpp"

#include <algorithm>
#include <iterator>

namespace hearth::app {

using std::chrono::milliseconds;

const ListedNode* NodeLook::find(std::string_view id) const noexcept {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [id](const ListedNode& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

milliseconds NodeList::interval() const noexcept {
  return std::min<milliseconds>(lost_after_ / 10, milliseconds(1'000));
}

// It does not if this instance was held up, with others perhaps, or if the clock is another one than before.
bool NodeList::goes_on(const NodeLook& look, Time sent, Time now) const {
  if (!well_since_ || now - beaten_ > lost_after_ / 2) return false;
  const auto passed = milliseconds(look.now - last_.now);
  const milliseconds tolerance = lost_after_ / 5;
  return passed >= sent - answered_ - tolerance && passed <= now - beaten_ + tolerance;
}

bool NodeList::is_silent(const ListedNode& node, const NodeLook& look) const noexcept {
  return look.now - node.seen >= lost_after_.count();
}

bool NodeList::lives(const ListedNode& node, const NodeLook& look) const noexcept {
  return node.id == self_ || (!node.is_claimed() && !is_silent(node, look));
}

// The one with the lowest id of those that live and tell of instances; if none does, that live.
bool NodeList::is_reporter(const NodeLook& look, bool tells) const {
  return std::none_of(look.nodes.begin(), look.nodes.end(), [&](const ListedNode& node) {
    if (node.id == self_ || !lives(node, look)) return false;
    const bool other_tells = node.mark == "+";
    return other_tells != tells ? other_tells : node.id < self_;
  });
}

bool NodeList::is_to_be_reported(const ListedNode& node, const NodeLook& look) const {
  if (reporting_.contains(node.id)) return false;
  if (!node.is_claimed()) return node.id != self_ && is_silent(node, look);
  const ListedNode* reporter = look.find(node.mark);
  return reporter == nullptr || reporter->id == self_ || !lives(*reporter, look);
}

std::vector<ListedNode> NodeList::forgotten_by(const NodeLook& look) const {
  std::vector<ListedNode> nodes;
  if (last_.list.empty() || last_.list == look.list) return nodes;
  std::copy_if(last_.nodes.begin(), last_.nodes.end(), std::back_inserter(nodes),
               [&look](const ListedNode& node) { return look.find(node.id) == nullptr; });
  return nodes;
}

NodeList::Findings NodeList::beaten(const NodeLook& look, bool tells, Time sent, Time now) {
  Findings findings;
  if (!goes_on(look, sent, now)) well_since_ = now;
  findings.forgotten = forgotten_by(look);
  if (const ListedNode* self = look.find(self_); self != nullptr) {
    // Who has beaten in time was missing because the list is: nobody can have reported it.
    const bool may_be_lost = was_claimed_ || sent - beaten_ >= lost_after_ * 2 / 3;
    findings.was_removed = self->life != life_ && may_be_lost;
    life_ = self->life;
    was_claimed_ = self->is_claimed();
  }
  beaten_ = sent;
  answered_ = now;
  last_ = look;
  if (now - *well_since_ < lost_after_ || !is_reporter(look, tells)) return findings;
  std::copy_if(look.nodes.begin(), look.nodes.end(), std::back_inserter(findings.lost),
               [&](const ListedNode& node) { return is_to_be_reported(node, look); });
  return findings;
}

}  // namespace hearth::app
