#pragma once

#include "api/listener.hpp"
#include "config/config.hpp"
#include "hearth/server.hpp"
#include "process/shutdown_signals.hpp"
#include "serve/certificate_watch.hpp"
#include "serve/log_output.hpp"
#include "serve/reload.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <string>

namespace hearth::app {

/// Writes a line to standard error, which nobody may be reading.
void say_error(const std::string& line);

/// `hearth serve` from its start to its end. It ends when a signal says so, or the API, which wakes `signals`.
class Course {
 public:
  /// What SIGHUP is for.
  struct Renewals {
    Reload& reload;
    CertificateWatch& certificates;
    LogOutput& log;
  };

  Course(Server& server, ApiListener& api, const ShutdownSignals& signals, Renewals renewals)
      : server_(server), api_(api), signals_(signals), renewals_(renewals) {}

  /// Starts, calls `started` on another thread, and goes on until the end, when it calls `ending` before anything else.
  /// Returns the exit code; throws what `Server::start` does, `ApiListener::start` and `started`.
  int run(const std::function<void()>& started, const std::function<void()>& ending);

 private:
  void start(const std::function<void()>& started) noexcept;
  int wait();
  void hang_up();
  void end(int signal);
  void drain(const config::ServerConfig& config);
  void drain_for_the_api(const config::ServerConfig& config);
  static std::chrono::microseconds time_to_end(const config::ServerConfig& config) noexcept;

  Server& server_;
  ApiListener& api_;
  const ShutdownSignals& signals_;
  const Renewals renewals_;
  std::exception_ptr failure_{};  // of the start; written before has_failed_ is set
  std::atomic<bool> has_failed_{false};
  std::atomic<bool> has_started_{false};
};

}  // namespace hearth::app
