#include "serve/course.hpp"

#include "config/units.hpp"
#include "hearth/log.hpp"
#include "serve/service_protocol.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace hearth::app {

namespace {

bool drains(const config::ServerConfig& config) {
  return config.drain_delay > std::chrono::milliseconds::zero() ||
         config.drain_time > std::chrono::milliseconds::zero();
}

}  // namespace

void say_error(const std::string& line) { write_patiently(STDERR_FILENO, line + '\n'); }

// Signals are heard while it starts, too: that may take as long as Redis is away.
int Course::run(const std::function<void()>& started, const std::function<void()>& ending) {
  std::thread starting([&] { start(started); });
  const int signal = wait();
  const bool ends = signal != 0 || !has_failed_;
  ending();
  if (ends) end(signal);
  starting.join();
  if (!ends) std::rethrow_exception(failure_);
  server_.shutdown();
  return 0;
}

void Course::start(const std::function<void()>& started) noexcept {
  try {
    server_.start();
    api_.start();
    has_started_ = true;  // before anybody is told, who may then send SIGHUP
    started();
  } catch (...) {
    failure_ = std::current_exception();
    has_failed_ = true;
    signals_.wake();
  }
}

// 0 if it was woken.
int Course::wait() {
  int signal = signals_.wait();
  while (signal == SIGHUP) {
    hang_up();
    signal = signals_.wait();
  }
  return signal;
}

// The certificates may have changed although the configuration is wrong.
void Course::hang_up() {
  if (!has_started_) return say_error("hearth: SIGHUP: it is still starting; the signal is ignored");
  say_error("hearth: SIGHUP: reading the configuration anew");
  renewals_.log.reopen();
  renewals_.reload.run();
  renewals_.certificates.look();
}

// A manager that kills after a time of its own knows nothing of these.
std::chrono::microseconds Course::time_to_end(const config::ServerConfig& config) noexcept {
  constexpr std::chrono::seconds kForTheRest{30};  // handlers, events, the last of the backlogs
  return config.drain_delay + config.drain_time + kForTheRest;
}

void Course::end(int signal) {
  const std::string why = signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "told by the API";
  const auto loaded = renewals_.reload.loaded();
  const config::ServerConfig& config = loaded->config.server;
  const bool at_once = signal == SIGINT || !drains(config);
  const std::string how = "draining: ready no more for " + config::show(config.drain_delay) +
                          ", then clients go over " + config::show(config.drain_time);
  say_error("hearth: " + why + ": " + (at_once ? "shutting down" : how));
  tell_service("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(time_to_end(config).count()));
  api_.close();
  if (!at_once && signal == 0) drain_for_the_api(config);
  if (!at_once && signal != 0) drain(config);
  server_.shutdown();
}

void Course::drain(const config::ServerConfig& config) { server_.drain(config.drain_delay, config.drain_time); }

// Whoever tells it by the API may send SIGTERM as well, as an orchestrator does after its hook: the first signal
// changes nothing, and the next one ends it at once.
void Course::drain_for_the_api(const config::ServerConfig& config) {
  std::thread draining([this, &config] {
    drain(config);
    signals_.wake();
  });
  if (wait() != 0) say_error("hearth: draining already; another signal ends it at once");
  draining.join();
}

}  // namespace hearth::app
