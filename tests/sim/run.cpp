#include "sim/run.hpp"

#include "sim/presence_plan.hpp"
#include "sim/presence_world.hpp"
#include "sim/world.hpp"

#include <algorithm>

namespace hearth::sim {

namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e37'79b9'7f4a'7c15;
  return hash ^ hash >> 29U;
}

std::uint64_t hash_of(const test::Records& records) {
  std::uint64_t hash = 0;
  for (const test::Record& record : records.list) {
    for (const std::uint64_t value : {static_cast<std::uint64_t>(record.at), static_cast<std::uint64_t>(record.kind),
                                      record.position.epoch.bits, record.position.offset, record.top, record.hash,
                                      record.key, record.count, std::uint64_t{record.who} << 32U | record.room}) {
      hash = mixed(hash, value);
    }
  }
  return hash;
}

bool violates(const Plan& plan, const std::string& rule) {
  const Outcome outcome = run_plan(plan);
  return std::any_of(outcome.violations.begin(), outcome.violations.end(),
                     [&](const test::Violation& violation) { return violation.rule == rule; });
}

}  // namespace

Outcome run_plan(const Plan& plan) {
  World world(plan);
  const test::Records& records = world.run();
  return {hash_of(records), records.list.size(), test::check(records)};
}

Outcome run_twice(const Plan& plan) {
  Outcome first = run_plan(plan);
  World second(plan);
  if (hash_of(second.run()) != first.hash) first.violations.push_back({"repeat", "the second run was another", 0});
  return first;
}

Outcome run_presence(std::uint64_t seed, bool once) {
  const PresencePlan plan = draw_presence_plan(seed);
  PresenceWorld world(plan);
  const test::Records& records = world.run();
  Outcome outcome{hash_of(records), records.list.size(), test::check(records)};
  if (once) return outcome;
  PresenceWorld second(plan);
  if (hash_of(second.run()) != outcome.hash) outcome.violations.push_back({"repeat", "the second run was another", 0});
  return outcome;
}

namespace {

/// Makes a plan smaller as long as it fails.
class Shrinking {
 public:
  Shrinking(Plan plan, std::string rule, std::size_t most)
      : plan_(std::move(plan)), rule_(std::move(rule)), left_(most) {}

  Plan run() {
    for (bool smaller = true; smaller && left_ > 0;) {
      smaller = false;
      smaller |= without_faults();
      smaller |= fewer(&Plan::publications, 1);
      smaller |= fewer(&Plan::clients, 1);
      smaller |= fewer(&Plan::nodes, 1);
      smaller |= fewer(&Plan::shards, 1);
      smaller |= fewer_rooms();
      smaller |= shorter();
    }
    return plan_;
  }

 private:
  bool accept(Plan candidate) {
    if (left_ == 0) return false;
    --left_;
    if (candidate == plan_ || !violates(candidate, rule_)) return false;
    plan_ = std::move(candidate);
    return true;
  }

  /// ddmin (Zeller and Hildebrandt, 2002): without ever smaller parts.
  bool without_faults() {
    bool any = false;
    for (std::size_t parts = 2; !plan_.faults.empty() && parts <= 2 * plan_.faults.size();) {
      const std::size_t size = std::max<std::size_t>(plan_.faults.size() / parts, 1);
      bool smaller = false;
      for (std::size_t begin = 0; begin < plan_.faults.size();) {
        Plan candidate = plan_;
        const auto first = candidate.faults.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto last = first + static_cast<std::ptrdiff_t>(std::min(size, candidate.faults.size() - begin));
        candidate.faults.erase(first, last);
        if (accept(std::move(candidate))) {
          smaller = any = true;
        } else {
          begin += size;
        }
      }
      if (size == 1 && !smaller) break;
      if (!smaller) parts *= 2;
    }
    return any;
  }

  bool fewer(std::uint32_t Plan::*count, std::uint32_t least) {
    bool any = false;
    for (std::uint32_t step = (plan_.*count - std::min(least, plan_.*count) + 1) / 2; step > 0;) {
      Plan candidate = plan_;
      candidate.*count -= std::min(step, candidate.*count - std::min(least, candidate.*count));
      if (accept(std::move(candidate))) {
        any = true;
      } else {
        step /= 2;
      }
    }
    return any;
  }

  bool fewer_rooms() {
    bool any = false;
    for (std::size_t i = plan_.rooms.size(); i-- > 0 && plan_.rooms.size() > 1;) {
      Plan candidate = plan_;
      candidate.rooms.erase(candidate.rooms.begin() + static_cast<std::ptrdiff_t>(i));
      any |= accept(std::move(candidate));
    }
    return any;
  }

  bool shorter() {
    bool any = false;
    Plan candidate = plan_;
    candidate.length /= 2;
    for (Fault& fault : candidate.faults) fault.at /= 2;
    any |= candidate.length >= kSecond && accept(std::move(candidate));
    for (std::size_t i = 0; i < plan_.faults.size(); ++i) {
      candidate = plan_;
      candidate.faults[i].length /= 2;
      any |= accept(std::move(candidate));
    }
    return any;
  }

  Plan plan_;
  const std::string rule_;
  std::size_t left_;
};

}  // namespace

Plan shrink(const Plan& plan, const std::string& rule, std::size_t most) { return Shrinking(plan, rule, most).run(); }

}  // namespace hearth::sim
