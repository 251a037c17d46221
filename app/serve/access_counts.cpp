#include "serve/access_counts.hpp"

#include "serve/door.hpp"

#include <algorithm>
#include <iterator>

namespace hearth::app {

namespace {

/// Those of hearth::JwtReason, and others.
constexpr std::array<std::string_view, 14> kReasons{
    "too_long", "malformed",     "unsupported", "issuer", "algorithm", "kid",       "signature",
    "expired",  "not_yet_valid", "audience",    "claims", "no_token",  "no_issuer", "backend"};

constexpr std::array<std::string_view, 2> kActions{"join", "publish"};
constexpr std::array<std::string_view, 3> kOutcomes{"allowed", "refused", "asked"};

}  // namespace

void AccessCounts::refused(std::string_view reason) noexcept {
  static_assert(kReasons.size() <= kMostReasons);
  const auto* found = std::find(kReasons.begin(), kReasons.end(), reason);
  if (found != kReasons.end()) ++refusals_[static_cast<std::size_t>(found - kReasons.begin())];
}

AccessCounts::Rule& AccessCounts::rule(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return rules_[name];
}

AccessStatistics AccessCounts::statistics() const {
  AccessStatistics statistics;
  // That of development mode is there once somebody has come through it.
  std::remove_copy(kDoors.begin(), kDoors.end(), std::back_inserter(statistics.methods),
                   kDoors[static_cast<std::size_t>(Door::dev)]);
  for (std::size_t i = 0; i < kReasons.size(); ++i) statistics.failures.emplace_back(kReasons[i], refusals_[i].load());
  const std::lock_guard lock(mutex_);
  for (const auto& [name, rule] : rules_) {
    for (std::size_t action = 0; action < kActions.size(); ++action) {
      for (std::size_t outcome = 0; outcome < kOutcomes.size(); ++outcome) {
        statistics.rules.push_back({name, kActions[action], kOutcomes[outcome], rule.count(action, outcome)});
      }
    }
  }
  return statistics;
}

}  // namespace hearth::app
