#include "backend/name_choice.hpp"

#include <algorithm>
#include <cstddef>

namespace hearth::app {

NameChoice::State NameChoice::state_of(const ListedNode& node, Time now) const {
  const Seen& first = first_.at(node.id);
  if (node.is_claimed()) return State::dead;
  if (node.seen != first.seen) return State::alive;
  return now - first.since >= patience_ ? State::dead : State::unknown;
}

std::optional<NameChoice::Choice> NameChoice::choose(const NodeLook& look, Time now) {
  for (const ListedNode& node : look.nodes) first_.try_emplace(node.id, Seen{node.seen, now});
  for (std::size_t number = 1;; ++number) {
    Choice choice{number == 1 ? wanted_ : wanted_ + '-' + std::to_string(number)};
    State state = State::dead;
    for (const ListedNode& node : look.nodes) {
      if (node.name != choice.name) continue;
      state = std::max(state, state_of(node, now));
      choice.dead.push_back(node.id);
    }
    if (state == State::unknown) return std::nullopt;
    if (state == State::dead) return choice;
  }
}

}  // namespace hearth::app
