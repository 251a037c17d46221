#include "sim/plan.hpp"

#include "sim/random.hpp"

#include <algorithm>
#include <istream>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace hearth::sim {

namespace {

constexpr std::array<std::string_view, kOps> kNames{
    "cut",          "kill_node",   "stop_node",    "congest",     "snapshot",  "restart", "promote",
    "split",        "stop_store",  "flush",        "evict_meta",  "evict_log", "erase",   "refuse_writes",
    "script_flush", "drop_client", "drop_clients", "slow_client", "fail_back"};

/// Chance of a fault's kind to be on in a run, and how often it then comes, at most.
struct Habit {
  Op op;
  unsigned percent;
  std::int64_t most;
};
constexpr std::array kHabits{
    Habit{Op::cut, 50, 12},          Habit{Op::kill_node, 30, 4},    Habit{Op::stop_node, 20, 3},
    Habit{Op::congest, 20, 4},       Habit{Op::restart, 30, 4},      Habit{Op::promote, 35, 5},
    Habit{Op::split, 25, 3},         Habit{Op::stop_store, 20, 3},   Habit{Op::flush, 12, 2},
    Habit{Op::evict_meta, 8, 2},     Habit{Op::evict_log, 10, 2},    Habit{Op::erase, 8, 2},
    Habit{Op::refuse_writes, 10, 2}, Habit{Op::script_flush, 15, 3}, Habit{Op::drop_client, 80, 40},
    Habit{Op::drop_clients, 40, 8},  Habit{Op::slow_client, 40, 15}, Habit{Op::fail_back, 25, 4}};

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed) : shape_(seed, "shape"), faults_(seed, "faults") { plan_.seed = seed; }

  Plan draw() {
    draw_shape();
    for (const Habit& habit : kHabits) {
      if (!faults_.chance(habit.percent)) continue;
      for (std::int64_t left = faults_.between(1, habit.most); left > 0; --left) draw_fault(habit.op);
    }
    std::stable_sort(plan_.faults.begin(), plan_.faults.end(),
                     [](const Fault& one, const Fault& other) { return one.at < other.at; });
    return std::move(plan_);
  }

 private:
  void draw_shape() {
    plan_.nodes = static_cast<std::uint32_t>(shape_.between(2, 5));
    plan_.shards = shape_.chance(70) ? 1 : 2;
    plan_.clients = static_cast<std::uint32_t>(shape_.magnitude(5, 50));
    plan_.publications = static_cast<std::uint32_t>(shape_.magnitude(200, 2000));
    plan_.membership = static_cast<std::uint32_t>(shape_.between(20, 100));
    plan_.window = static_cast<std::uint32_t>(shape_.magnitude(4, 64));
    plan_.catch_up_at = plan_.window + static_cast<std::uint32_t>(shape_.magnitude(1, 200));
    plan_.page = static_cast<std::uint32_t>(shape_.chance(50) ? shape_.between(1, 8) : 256);
    plan_.trim_slack = static_cast<std::uint32_t>(shape_.chance(50) ? 0 : shape_.between(1, 100));
    plan_.tail_budget = static_cast<std::uint32_t>(shape_.magnitude(1000, 1 << 20));
    plan_.one_server = shape_.chance(70) ? 1 : 0;
    plan_.probe = shape_.chance(50) ? 1 : 0;
    plan_.length = shape_.magnitude(4, 30) * kSecond;
    plan_.latency = shape_.magnitude(50, 20'000);
    plan_.mail_latency = shape_.chance(70) ? 0 : shape_.magnitude(10, 300'000);
    plan_.rooms.resize(static_cast<std::size_t>(shape_.magnitude(1, 8)));
    for (Plan::Room& room : plan_.rooms) {
      room.size = static_cast<std::uint32_t>(shape_.magnitude(1, 2000));
      if (shape_.chance(15)) room.ttl = shape_.between(1, 5) * kSecond;
      room.tail = shape_.chance(30) ? 0 : static_cast<std::uint32_t>(shape_.between(1, room.size));
      room.slow_policy = shape_.chance(60) ? 0 : static_cast<std::uint32_t>(shape_.between(1, 2));
    }
    // All that a room may have missed has to come in so many round trips, if these are long.
    constexpr std::uint32_t kTrips = 50;
    const auto rooms = static_cast<std::uint32_t>(plan_.rooms.size());
    const std::uint32_t least = 1 + plan_.publications / rooms / kTrips;
    if (std::max(plan_.mail_latency, plan_.latency) > 2 * kMilli) {
      plan_.page = std::max(plan_.page, least);
      plan_.window = std::max(plan_.window, least);
      plan_.catch_up_at = std::max(plan_.catch_up_at, plan_.window + 1);
    }
  }

  void draw_fault(Op op) {
    // Some when all is quiet: what is lost then is not shown by what comes after it.
    Fault fault{faults_.between(kSecond, plan_.length + plan_.length / 8), op, 0, 0, 0};
    switch (op) {
      case Op::cut:
        fault.a = node();
        fault.b = static_cast<std::uint32_t>(faults_.between(1, 7));
        fault.length = faults_.magnitude(kMilli, 15 * kSecond);
        break;
      case Op::kill_node:
      case Op::stop_node:
      case Op::congest:
      case Op::drop_clients:
        fault.a = node();
        fault.length = faults_.magnitude(kMilli, 8 * kSecond);
        break;
      case Op::restart:
        fault.a = faults_.chance(50) ? 0 : snapshot_before(fault.at) + 1;
        fault.length = faults_.magnitude(kMilli, 12 * kSecond);
        break;
      case Op::promote:
        draw_turmoil(fault.at);
        fault.a = snapshot_before(fault.at);
        break;
      case Op::split:
        draw_turmoil(fault.at);
        fault.a = snapshot_before(fault.at);
        fault.b = static_cast<std::uint32_t>(faults_.below(1U << plan_.nodes));
        fault.length = faults_.magnitude(10 * kMilli, 6 * kSecond);
        break;
      case Op::fail_back:
        draw_turmoil(fault.at);
        fault.a = snapshot_before(fault.at);
        fault.length = faults_.magnitude(10 * kMilli, 3 * kSecond);
        if (faults_.chance(50)) fault.b = snapshot_before(fault.at + fault.length) + 1;
        break;
      case Op::stop_store:
      case Op::refuse_writes:
        fault.length = faults_.magnitude(kMilli, 12 * kSecond);
        break;
      case Op::evict_meta:
      case Op::evict_log:
      case Op::erase:
        fault.a = static_cast<std::uint32_t>(faults_.below(plan_.rooms.size()));
        break;
      case Op::drop_client:
      case Op::slow_client:
        fault.a = static_cast<std::uint32_t>(faults_.below(plan_.clients));
        fault.length = faults_.magnitude(kMilli, 6 * kSecond);
        break;
      case Op::snapshot:
      case Op::flush:
      case Op::script_flush:
        break;
    }
    plan_.faults.push_back(fault);
  }

  /// A failover seldom comes alone: a node has heard nothing for a while, and clients go from one node to another.
  void draw_turmoil(Micros at) {
    if (!faults_.chance(80)) return;
    // It is catching up when the store fails.
    const Micros silence = faults_.magnitude(10 * kMilli, 5 * kSecond);
    const Micros calm = faults_.magnitude(kMilli, kSecond);
    plan_.faults.push_back({std::max<Micros>(at - calm - silence, 0), Op::cut, node(), kCutSubscribing, silence});
    for (std::int64_t left = faults_.between(1, 10); left > 0; --left) {
      const Micros before = faults_.magnitude(kMilli / 10, calm);
      plan_.faults.push_back({std::max<Micros>(at - before, 0), Op::drop_client,
                              static_cast<std::uint32_t>(faults_.below(plan_.clients)), 0,
                              faults_.magnitude(1, before)});
    }
  }

  std::uint32_t node() { return static_cast<std::uint32_t>(faults_.below(plan_.nodes)); }

  /// A snapshot from before, an old one now and then: two replicas may be promoted from the same past.
  std::uint32_t snapshot_before(Micros at) {
    if (snapshots_ > 0 && faults_.chance(40)) return static_cast<std::uint32_t>(faults_.below(snapshots_));
    const Micros lag = faults_.magnitude(kMilli, 3 * kSecond);
    plan_.faults.push_back({std::max<Micros>(at - lag, 0), Op::snapshot, snapshots_, 0, 0});
    return snapshots_++;
  }

  Stream shape_;
  Stream faults_;
  Plan plan_;
  std::uint32_t snapshots_ = 0;
};

using Numbers = std::map<std::string, std::int64_t, std::less<>>;

std::int64_t to_number(const std::string& text) {
  std::size_t end = 0;
  const std::int64_t number = std::stoll(text, &end);
  if (end != text.size()) throw std::invalid_argument(text);
  return number;
}

Numbers read_pairs(std::istream& words) {
  Numbers numbers;
  for (std::string word; words >> word;) {
    const std::size_t at = word.find('=');
    if (at == std::string::npos) throw std::runtime_error("\"" + word + "\" is no key=number");
    numbers[word.substr(0, at)] = to_number(word.substr(at + 1));
  }
  return numbers;
}

template <class T>
void take(const Numbers& numbers, std::string_view key, T& field) {
  if (const auto found = numbers.find(key); found != numbers.end()) field = static_cast<T>(found->second);
}

void read_line(Plan& plan, std::istream& words, const std::string& first) {
  const std::map<std::string, std::uint32_t*, std::less<>> counts{{"nodes", &plan.nodes},
                                                                  {"shards", &plan.shards},
                                                                  {"clients", &plan.clients},
                                                                  {"publications", &plan.publications},
                                                                  {"membership", &plan.membership},
                                                                  {"window", &plan.window},
                                                                  {"catch_up_at", &plan.catch_up_at},
                                                                  {"page", &plan.page},
                                                                  {"trim_slack", &plan.trim_slack},
                                                                  {"tail_budget", &plan.tail_budget},
                                                                  {"one_server", &plan.one_server},
                                                                  {"probe", &plan.probe}};
  const std::map<std::string, Micros*, std::less<>> times{
      {"length", &plan.length}, {"latency", &plan.latency}, {"mail_latency", &plan.mail_latency}};
  if (first == "room") {
    const Numbers numbers = read_pairs(words);
    Plan::Room& room = plan.rooms.emplace_back();
    take(numbers, "size", room.size);
    take(numbers, "ttl", room.ttl);
    take(numbers, "tail", room.tail);
    take(numbers, "slow_policy", room.slow_policy);
    return;
  }
  std::string word;
  words >> word;
  if (first == "fault") {
    std::string op;
    words >> op;
    const auto named = std::find(kNames.begin(), kNames.end(), op);
    if (named == kNames.end()) throw std::runtime_error("there is no fault \"" + op + '"');
    Fault fault{to_number(word), static_cast<Op>(named - kNames.begin()), 0, 0, 0};
    const Numbers numbers = read_pairs(words);
    take(numbers, "a", fault.a);
    take(numbers, "b", fault.b);
    take(numbers, "length", fault.length);
    plan.faults.push_back(fault);
  } else if (first == "seed") {
    plan.seed = std::stoull(word);
  } else if (const auto count = counts.find(first); count != counts.end()) {
    *count->second = static_cast<std::uint32_t>(to_number(word));
  } else if (const auto time = times.find(first); time != times.end()) {
    *time->second = to_number(word);
  } else {
    throw std::runtime_error("there is no \"" + first + '"');
  }
}

}  // namespace

std::string_view name_of(Op op) noexcept { return kNames[static_cast<std::size_t>(op)]; }

Plan draw_plan(std::uint64_t seed) { return Drawing(seed).draw(); }

void write_plan(std::ostream& out, const Plan& plan) {
  out << "seed " << plan.seed << "\nnodes " << plan.nodes << "\nshards " << plan.shards << "\nclients " << plan.clients
      << "\npublications " << plan.publications << "\nmembership " << plan.membership << "\nwindow " << plan.window
      << "\ncatch_up_at " << plan.catch_up_at << "\npage " << plan.page << "\ntrim_slack " << plan.trim_slack
      << "\ntail_budget " << plan.tail_budget << "\none_server " << plan.one_server << "\nprobe " << plan.probe
      << "\nlength " << plan.length << "\nlatency " << plan.latency << "\nmail_latency " << plan.mail_latency << '\n';
  for (const Plan::Room& room : plan.rooms) {
    out << "room size=" << room.size << " ttl=" << room.ttl << " tail=" << room.tail
        << " slow_policy=" << room.slow_policy << '\n';
  }
  for (const Fault& fault : plan.faults) {
    out << "fault " << fault.at << ' ' << name_of(fault.op) << " a=" << fault.a << " b=" << fault.b
        << " length=" << fault.length << '\n';
  }
}

Plan read_plan(std::istream& in) {
  Plan plan;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::istringstream words(line);
    std::string first;
    if (!(words >> first) || first.front() == '#') continue;
    try {
      read_line(plan, words, first);
    } catch (const std::exception& error) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + error.what());
    }
  }
  if (plan.rooms.empty()) throw std::runtime_error("there is no room");
  return plan;
}

}  // namespace hearth::sim
