// The simulation of rooms that remember (docs/architecture.md, The simulation). Exit codes: 0 all is well, 1 something
// was violated or a mistake was not found, 2 it was called wrongly.

#include "history/checker/record_json.hpp"
#include "sim/mistakes.hpp"
#include "sim/presence_plan.hpp"
#include "sim/presence_world.hpp"
#include "sim/run.hpp"
#include "sim/world.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace hearth::sim {
namespace {

struct Range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

/// `12` or `1..2000`.
Range parse_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  Range range;
  range.first = std::stoull(text.substr(0, dots));
  range.last = dots == std::string::npos ? range.first : std::stoull(text.substr(dots + 2));
  return range;
}

void print(const Outcome& outcome, std::ostream& out) {
  for (const test::Violation& violation : outcome.violations) {
    out << "  " << violation.rule << " (record " << violation.record << "): " << violation.what << '\n';
  }
}

struct Found {
  std::uint64_t seed;
  Outcome outcome;
};

using RunSeed = Outcome (*)(std::uint64_t seed, bool once);

/// Of many seeds every fourth is run twice: what makes runs differ does so in more than one.
constexpr std::uint64_t kTwice = 4;

Outcome run_history(std::uint64_t seed, bool once) {
  const Plan plan = draw_plan(seed);
  return once ? run_plan(plan) : run_twice(plan);
}

/// `once`: of those that would be run twice too.
bool is_run_once(std::uint64_t seed, const Range& range, bool once) {
  return once || (range.last > range.first && seed % kTwice != 0);
}

/// Runs seeds on several threads. Stops at the first violation if it is to; `once`: each seed is run once only.
std::vector<Found> run_seeds(RunSeed run, const Range& range, unsigned jobs, bool stop, bool once,
                             const NamedMistake* mistake) {
  std::atomic<std::uint64_t> next{range.first};
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  std::vector<Found> found;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < jobs; ++i) {
    threads.emplace_back([&] {
      std::optional<Making> making;
      if (mistake != nullptr) making.emplace(*mistake);
      for (std::uint64_t seed = next++; seed <= range.last && !stopped; seed = next++) {
        Outcome outcome = run(seed, is_run_once(seed, range, once));
        if (outcome.violations.empty()) continue;
        if (stop) stopped = true;
        const std::lock_guard lock(mutex);
        found.push_back({seed, std::move(outcome)});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(found.begin(), found.end(), [](const Found& one, const Found& other) { return one.seed < other.seed; });
  return found;
}

int run_range(RunSeed run, const Range& range, unsigned jobs) {
  const auto begin = std::chrono::steady_clock::now();
  const auto found = run_seeds(run, range, jobs, false, false, nullptr);
  for (const Found& one : found) {
    std::cout << "seed " << one.seed << '\n';
    print(one.outcome, std::cout);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << range.last - range.first + 1 << " seeds, " << found.size() << " with violations, " << took.count()
            << " s\n";
  return found.empty() ? 0 : 1;
}

int run_mistakes(const std::string& name, const Range& range, unsigned jobs) {
  int missed = 0;
  bool any = false;
  for (const NamedMistake& mistake : mistakes()) {
    if (name != "all" && name != mistake.name) continue;
    any = true;
    const RunSeed run = mistake.is_of_presence ? &run_presence : &run_history;
    const auto found = run_seeds(run, range, jobs, true, true, &mistake);
    std::cout << mistake.name << ": ";
    if (found.empty()) {
      std::cout << "NOT FOUND: " << mistake.what << '\n';
      ++missed;
      continue;
    }
    const test::Violation& first = found.front().outcome.violations.front();
    std::cout << "seed " << found.front().seed << ", " << first.rule << ": " << first.what << '\n';
  }
  if (!any) {
    std::cerr << "sim: there is no mistake \"" << name << "\"; `all` makes each\n";
    return 2;
  }
  return missed == 0 ? 0 : 1;
}

int run_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  Plan plan;
  try {
    plan = read_plan(file);
  } catch (const std::exception& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
  const Outcome outcome = run_twice(plan);
  std::cout << path.filename().string() << ": " << (outcome.violations.empty() ? "fine" : "violated") << '\n';
  print(outcome, std::cout);
  return outcome.violations.empty() ? 0 : 1;
}

int shrink_seed(std::uint64_t seed, const std::string& to) {
  const Plan plan = draw_plan(seed);
  const Outcome outcome = run_plan(plan);
  if (outcome.violations.empty()) {
    std::cout << "seed " << seed << " is fine\n";
    return 0;
  }
  const std::string rule = outcome.violations.front().rule;
  const Plan small = shrink(plan, rule);
  std::ofstream file(to);
  file << "# " << rule << ": " << run_plan(small).violations.front().what << '\n';
  write_plan(file, small);
  file.flush();
  if (!file) throw std::runtime_error(to + ": cannot be written");
  std::cout << rule << " with " << small.faults.size() << " of " << plan.faults.size() << " faults, "
            << small.publications << " publications, " << small.clients << " clients: " << to << '\n';
  return 1;
}

void write_trace(const Plan& plan, const std::string& to) {
  World world(plan);
  std::ofstream file(to);
  test::write_records(file, world.run());
}

/// The world of presence with one seed or more.
int run_presence_range(const Range& range, unsigned jobs, const std::string& trace_to) {
  if (trace_to.empty()) return run_range(&run_presence, range, jobs);
  PresenceWorld world(draw_presence_plan(range.first));
  std::ofstream file(trace_to);
  test::write_records(file, world.run());
  return 0;
}

int main(int argc, char** argv) {
  CLI::App app("Simulates nodes, clients and a store that fails, from a seed", "sim");
  std::string seeds;
  std::string mistake;
  std::string shrink_to;
  std::string trace_to;
  std::string plan_to;
  std::vector<std::string> schedules;
  bool presence = false;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  app.add_option("--seed,--seeds", seeds, "one seed, or a range of them: 1..2000");
  app.add_flag("--presence", presence, "who is in rooms, and not what they remember: a world with seeds of its own");
  app.add_option("--schedule", schedules, "files with plans to run, or directories of them");
  app.add_option("--mistake", mistake, "make this mistake, or `all` one after the other; to be found within the seeds");
  app.add_option("--shrink", shrink_to, "make the plan of the seed smaller, as long as it fails, and write it here");
  app.add_option("--trace", trace_to, "write the records of the seed or the schedule here, as lines of JSON");
  app.add_option("--plan", plan_to, "write the plan of the seed here");
  app.add_option("--jobs", jobs, "threads")->check(CLI::Range(1U, 256U));
  CLI11_PARSE(app, argc, argv);
  try {
    if (!mistake.empty() && shrink_to.empty())
      return run_mistakes(mistake, parse_range(seeds.empty() ? "1..2000" : seeds), jobs);
    if (!seeds.empty()) {
      const Range range = parse_range(seeds);
      std::optional<Making> making;
      for (const NamedMistake& named : mistakes()) {
        if (named.name == mistake) making.emplace(named);
      }
      if (presence) return run_presence_range(range, jobs, trace_to);
      if (!plan_to.empty()) {
        std::ofstream file(plan_to);
        write_plan(file, draw_plan(range.first));
      }
      if (!trace_to.empty()) write_trace(draw_plan(range.first), trace_to);
      return shrink_to.empty() ? run_range(&run_history, range, jobs) : shrink_seed(range.first, shrink_to);
    }
    int worst = 0;
    std::vector<std::filesystem::path> files;
    for (const std::string& path : schedules) {
      if (!std::filesystem::is_directory(path)) {
        files.emplace_back(path);
        continue;
      }
      for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (!trace_to.empty() && files.size() == 1) {
      std::ifstream file(files.front());
      write_trace(read_plan(file), trace_to);
    }
    for (const auto& path : files) worst = std::max(worst, run_file(path));
    if (!files.empty()) return worst;
  } catch (const std::exception& error) {
    std::cerr << "sim: " << error.what() << '\n';
    return 2;
  }
  std::cerr << app.help();
  return 2;
}

}  // namespace
}  // namespace hearth::sim

int main(int argc, char** argv) { return hearth::sim::main(argc, argv); }
