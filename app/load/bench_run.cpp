#include "load/bench_run.hpp"

#include "load/load_thread.hpp"
#include "load/server_process.hpp"
#include "process/descriptor_limit.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace hearth::load {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kConnectingAtOnce = 64;
constexpr std::size_t kOtherDescriptors = 64;
constexpr auto kStep = 20ms;     // between two looks at what has been done
constexpr auto kPatience = 30s;  // for the next client to get connected
constexpr auto kStall = 10s;     // for the next message, closed loop

/// SIGINT and SIGTERM, held back and looked for.
class Interrupt {
 public:
  Interrupt() noexcept {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  /// Waits for one; false if the time passed without.
  bool wait(std::chrono::nanoseconds time) noexcept {
    const timespec timeout{static_cast<time_t>(time / 1s), static_cast<long>((time % 1s).count())};
    came_ = came_ || sigtimedwait(&set_, nullptr, &timeout) > 0;
    return came_;
  }
  bool came() const noexcept { return came_; }

 private:
  sigset_t set_{};
  bool came_ = false;
};

/// The line that tells how far it is.
class Progress {
 public:
  ~Progress() { clear(); }
  void show(const std::string& text) {
    const auto now = Clock::now();
    if (!is_terminal_ || now < next_) return;
    next_ = now + 200ms;
    std::cerr << "\r\x1b[K" << text << std::flush;
    shown_ = true;
  }
  void clear() {
    if (shown_) std::cerr << "\r\x1b[K" << std::flush;
    shown_ = false;
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  Clock::time_point next_{};
  bool shown_ = false;
};

void allow_descriptors(std::size_t clients) {
  const rlim_t limit = app::raise_descriptor_limit();
  if (clients + kOtherDescriptors > limit) {
    throw std::runtime_error(std::to_string(clients) + " clients need more than the " + std::to_string(limit) +
                             " file descriptors that this process may have; raise `ulimit -Hn`");
  }
}

/// One run, phase by phase, on the calling thread.
class BenchRun {
 public:
  explicit BenchRun(const Plan& plan) : plan_(plan), run_{plan, Traffic(plan)} {
    if (!plan.pids.empty()) server_.emplace(plan.pids);
    if (!plan.redis.empty()) {
      run_.emitter = std::make_unique<Emitter>(plan.redis);
      run_.emitter->wait_until_ready();
    }
    for (unsigned i = 0; i < plan.threads; ++i) run_.threads.push_back(std::make_unique<LoadThread>(run_, i));
    for (const auto& thread : run_.threads) thread->start();
  }
  ~BenchRun() {
    for (const auto& thread : run_.threads) thread->stop();
  }
  BenchRun(const BenchRun&) = delete;
  BenchRun& operator=(const BenchRun&) = delete;

  Results results() {
    connect();
    join();
    if (plan_.scenario == Scenario::recover) {
      recover();
    } else if (plan_.has_traffic()) {
      send();
    } else {
      measure(plan_.scenario == Scenario::idle ? plan_.duration : 0ms);
    }
    collect();
    return std::move(results_);
  }

 private:
  using Count = net::Counter Tally::*;

  std::uint64_t sum(Count count) const {
    std::uint64_t all = 0;
    for (const auto& thread : run_.threads) all += (thread->tally().*count).get();
    return all;
  }
  template <class Function>
  void ask_all(Function function) {
    for (const auto& thread : run_.threads) thread->ask(function);
  }
  std::uint64_t cpu_time() const { return server_ ? server_->cpu_time() : 0; }
  std::string first_error() {
    for (const auto& thread : run_.threads) {
      std::string error = thread->ask([](const LoadThread& at) { return at.tally().first_error; });
      if (!error.empty()) return error;
    }
    return {};
  }

  // Waits until so many clients are that far.
  void reach(Count count, const char* what) { reach(count, what, plan_.clients); }
  void reach(Count count, const char* what, std::uint64_t clients) {
    std::uint64_t last = 0;
    auto last_change = Clock::now();
    for (;;) {
      const std::uint64_t now = sum(count);
      if (now >= clients || interrupt_.wait(kStep)) return;
      progress_.show(std::to_string(now) + " of " + std::to_string(clients) + " clients " + what);
      if (now != last) last_change = Clock::now();
      last = now;
      const bool failed = sum(&Tally::errors) != 0;
      if (failed || Clock::now() - last_change > kPatience) {
        throw std::runtime_error(std::to_string(now) + " of " + std::to_string(clients) + " clients were " + what +
                                 "; " + (failed ? first_error() : "nothing has happened for 30 s"));
      }
    }
  }

  void connect() {
    if (server_) memory_before_ = server_->own_memory();
    const std::uint64_t cpu_before = cpu_time();
    const std::uint64_t began = run_.now();
    const std::size_t at_a_time = plan_.scenario == Scenario::connect ? plan_.window : kConnectingAtOnce;
    const std::size_t each = std::max<std::size_t>(1, at_a_time / plan_.threads);
    ask_all([each](LoadThread& thread) { thread.connect_all(each); });
    reach(&Tally::connected, "connected");
    results_.connect_duration = run_.now() - began;
    if (server_) results_.connect_cpu_time = cpu_time() - cpu_before;
    for (const auto& thread : run_.threads) {
      results_.connect_times.add(thread->ask([](const LoadThread& at) { return at.tally().connect_times; }));
    }
  }

  void join() {
    ask_all([](LoadThread& thread) { thread.join_all(); });
    reach(&Tally::ready, "in their rooms");
  }

  void send() {
    const auto start = [this] { ask_all([](LoadThread& thread) { thread.start_traffic(); }); };
    const bool is_counted = plan_.messages != 0;
    if (!is_counted) {
      start();
      pass(plan_.warm_up, "warming up");
    }
    run_.measuring.store(true, std::memory_order_relaxed);
    const std::uint64_t messages = sum(&Tally::messages);
    const std::uint64_t deliveries = sum(&Tally::deliveries);
    if (is_counted) start();
    measure(plan_.duration);
    if (is_counted) settle();
    run_.measuring.store(false, std::memory_order_relaxed);
    results_.messages = sum(&Tally::messages) - messages;
    results_.deliveries = sum(&Tally::deliveries) - deliveries;
    ask_all([](LoadThread& thread) { thread.stop_traffic(); });
    if (!is_counted) settle();
  }

  // All but one go, miss what that one sends, and come back.
  void recover() {
    ask_all([](LoadThread& thread) { thread.cut_off(); });
    run_.threads.front()->ask([this](LoadThread& thread) { thread.send_to_all_rooms(plan_.missed); });
    settle();
    results_.messages = sum(&Tally::messages);
    const std::uint64_t deliveries = sum(&Tally::deliveries);
    const std::uint64_t cpu_before = cpu_time();
    const std::uint64_t began = run_.now();
    const std::size_t each = std::max<std::size_t>(1, plan_.window / plan_.threads);
    ask_all([each](LoadThread& thread) { thread.return_all(each); });
    reach(&Tally::returned, "back with all that they had missed", plan_.clients - 1);
    results_.duration = run_.now() - began;
    if (server_) results_.cpu_time = cpu_time() - cpu_before;
    results_.deliveries = sum(&Tally::deliveries) - deliveries;
    settle();
    for (const auto& thread : run_.threads) {
      results_.return_times.add(thread->ask([](const LoadThread& at) { return at.tally().return_times; }));
    }
  }

  void measure(std::chrono::milliseconds time) {
    const std::uint64_t cpu_before = cpu_time();
    const std::uint64_t began = run_.now();
    pass(time, "measuring");
    results_.duration = run_.now() - began;
    if (server_) results_.cpu_time = cpu_time() - cpu_before;
  }

  void pass(std::chrono::milliseconds time, const char* what) {
    const auto end = Clock::now() + time;
    auto last_change = Clock::now();
    std::uint64_t last = sum(&Tally::deliveries);
    for (auto now = Clock::now(); now < end && !interrupt_.wait(std::min<std::chrono::nanoseconds>(kStep, end - now));
         now = Clock::now()) {
      const std::uint64_t delivered = sum(&Tally::deliveries);
      if (delivered != last) last_change = now;
      last = delivered;
      const auto left = std::chrono::ceil<std::chrono::seconds>(end - now).count();
      progress_.show(std::string(what) + ", " + std::to_string(left) + " s left: " + std::to_string(delivered) +
                     " deliveries, " + std::to_string(sum(&Tally::errors)) + " errors");
      if (plan_.messages != 0 && sum(&Tally::messages) >= plan_.messages) return;
      if (plan_.has_traffic() && plan_.rate == 0 && now - last_change > kStall) return;  // results say what is missing
    }
  }

  // What was sent has to arrive, or is missing.
  void settle() {
    std::uint64_t last = 0;
    auto last_change = Clock::now();
    for (;;) {
      std::uint64_t lacking = 0;
      for (const auto& thread : run_.threads) lacking += thread->ask([](const LoadThread& at) { return at.lacking(); });
      if (lacking != last) last_change = Clock::now();
      last = lacking;
      if (lacking == 0) return;
      if (Clock::now() - last_change > plan_.stragglers || interrupt_.wait(kStep)) {
        results_.faults.missing += lacking;
        return;
      }
    }
  }

  void collect() {
    for (const auto& thread : run_.threads) {
      thread->ask([this](const LoadThread& at) {
        results_.faults.add(at.tally().faults);
        results_.latencies.add(at.tally().latencies);
      });
    }
    results_.clients = std::min<std::uint64_t>(sum(&Tally::connected), plan_.clients);  // not who came back again
    results_.errors = sum(&Tally::errors);
    results_.first_error = first_error();
    results_.interrupted = interrupt_.came();
    if (server_) {
      results_.resident = server_->resident();
      results_.memory_grown =
          static_cast<std::int64_t>(server_->own_memory()) - static_cast<std::int64_t>(memory_before_);
    }
    progress_.clear();
  }

  const Plan& plan_;
  Interrupt interrupt_;  // before there are threads
  std::optional<ServerProcess> server_;
  std::uint64_t memory_before_ = 0;
  Run run_;
  Progress progress_;
  Results results_;
};

}  // namespace

Results run(const Plan& plan) {
  allow_descriptors(plan.clients);
  return BenchRun(plan).results();
}

}  // namespace hearth::load
