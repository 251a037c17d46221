#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

// What systemd, or whoever speaks its protocol, hands to a service and hears of it: sd_listen_fds(3), sd_notify(3),
// sd_watchdog_enabled(3). Without such a manager nothing is handed in, and nobody is told.

/// Sockets that listen already, in the form of `Options::listen`.
struct HandedSockets {
  std::vector<std::string> ws{};
  std::vector<std::string> api{};
};

/// Those handed to this process, by their names: `FileDescriptorName=ws` or `api`. They are its own from then on, and
/// no child's. Throws std::runtime_error for any other name. To be called once, before there are threads.
HandedSockets take_handed_sockets();

/// Tells the manager: `READY=1`, `STOPPING=1`. One that does not listen is not waited for.
void tell_service(std::string_view state);

/// How often the manager wants to hear `WATCHDOG=1`; 0: it does not.
std::chrono::microseconds watchdog_period();

}  // namespace hearth::app
