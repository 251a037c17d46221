#include "sim/presence_plan.hpp"

#include "sim/random.hpp"

#include <algorithm>
#include <array>

namespace hearth::sim {

namespace {

/// Chance of a fault's kind to be on in a run, and how often it then comes, at most.
struct PresenceHabit {
  PresenceOp op;
  unsigned percent;
  std::int64_t most;
};
constexpr std::array kPresenceHabits{
    PresenceHabit{PresenceOp::cut, 50, 8},      PresenceHabit{PresenceOp::kill_node, 40, 4},
    PresenceHabit{PresenceOp::end_node, 30, 3}, PresenceHabit{PresenceOp::stop_node, 20, 3},
    PresenceHabit{PresenceOp::restart, 40, 4},  PresenceHabit{PresenceOp::stop_store, 20, 3},
    PresenceHabit{PresenceOp::refuse, 20, 3},   PresenceHabit{PresenceOp::flush, 20, 2}};

class PresenceDrawing {
 public:
  explicit PresenceDrawing(std::uint64_t seed) : shape_(seed, "presence shape"), faults_(seed, "presence faults") {
    plan_.seed = seed;
  }

  PresencePlan draw() {
    draw_shape();
    for (const PresenceHabit& habit : kPresenceHabits) {
      if (!faults_.chance(habit.percent)) continue;
      for (std::int64_t left = faults_.between(1, habit.most); left > 0; --left) draw_fault(habit.op);
    }
    std::stable_sort(plan_.faults.begin(), plan_.faults.end(),
                     [](const PresenceFault& one, const PresenceFault& other) { return one.at < other.at; });
    return std::move(plan_);
  }

 private:
  void draw_shape() {
    plan_.nodes = static_cast<std::uint32_t>(shape_.between(2, 4));
    plan_.shards = shape_.chance(60) ? 1 : 2;
    plan_.people = static_cast<std::uint32_t>(shape_.magnitude(2, 24));
    plan_.deeds = static_cast<std::uint32_t>(shape_.magnitude(20, 300));
    plan_.watching = static_cast<std::uint32_t>(shape_.between(10, 100));
    plan_.length = shape_.magnitude(5, 40) * kSecond;
    plan_.latency = shape_.magnitude(50, shape_.chance(70) ? 20'000 : 300'000);
    plan_.mail_latency = shape_.chance(50) ? 0 : shape_.magnitude(10, 50'000);
    plan_.rooms.resize(static_cast<std::size_t>(shape_.between(1, 3)));
    for (PresencePlan::Room& room : plan_.rooms) {
      room.lists = shape_.chance(75);
      room.limit = static_cast<std::uint32_t>(shape_.chance(70) ? 100 : shape_.between(1, 8));
      room.interval = shape_.magnitude(10, 1000) * kMilli;
      if (shape_.chance(25)) room.grace = shape_.magnitude(100, 5000) * kMilli;
    }
  }

  void draw_fault(PresenceOp op) {
    PresenceFault fault{faults_.between(kSecond, plan_.length), op, 0, 0, 0};
    switch (op) {
      case PresenceOp::cut:
        fault.a = node();
        fault.b = static_cast<std::uint32_t>(faults_.between(1, 7));
        fault.length = faults_.magnitude(kMilli, 20 * kSecond);
        break;
      case PresenceOp::kill_node:
      case PresenceOp::end_node:
      case PresenceOp::stop_node:
        fault.a = node();
        fault.length = faults_.magnitude(kMilli, 15 * kSecond);
        break;
      case PresenceOp::restart:
        fault.a = faults_.chance(40) ? 0 : snapshot_before(fault.at) + 1;
        fault.length = faults_.magnitude(kMilli, 15 * kSecond);
        break;
      case PresenceOp::stop_store:
      case PresenceOp::refuse:
        fault.length = faults_.magnitude(kMilli, 15 * kSecond);
        break;
      case PresenceOp::snapshot:
      case PresenceOp::flush:
        break;
    }
    plan_.faults.push_back(fault);
  }

  std::uint32_t node() { return static_cast<std::uint32_t>(faults_.below(plan_.nodes)); }

  std::uint32_t snapshot_before(Micros at) {
    const Micros lag = faults_.magnitude(kMilli, 10 * kSecond);
    plan_.faults.push_back({std::max<Micros>(at - lag, 0), PresenceOp::snapshot, snapshots_, 0, 0});
    return snapshots_++;
  }

  Stream shape_;
  Stream faults_;
  PresencePlan plan_;
  std::uint32_t snapshots_ = 0;
};

}  // namespace

PresencePlan draw_presence_plan(std::uint64_t seed) { return PresenceDrawing(seed).draw(); }

}  // namespace hearth::sim
