#include "serve/service_protocol.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace hearth::app {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody writes them once there are threads
  return value == nullptr ? std::string() : value;
}

// 0 if it is no number.
long long number(const char* name) {
  const std::string text = variable(name);
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

// Variables name the process that they are for; a child that inherits them is not meant.
bool is_for_this_process(const char* name) { return variable(name) == std::to_string(::getpid()); }

}  // namespace

HandedSockets take_handed_sockets() {
  constexpr int kFirst = 3;
  HandedSockets sockets;
  if (!is_for_this_process("LISTEN_PID")) return sockets;
  constexpr long long kMost = 256;
  const int count = static_cast<int>(std::clamp(number("LISTEN_FDS"), 0LL, kMost));
  std::istringstream names(variable("LISTEN_FDNAMES"));
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): there are no threads yet
  }
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    std::string name;
    std::getline(names, name, ':');
    if (name != "ws" && name != "api") {
      throw std::runtime_error("LISTEN_FDNAMES: socket " + std::to_string(fd - kFirst + 1) + " of " +
                               std::to_string(count) + " is named `" + name +
                               "`; give FileDescriptorName=ws for clients, or api for the API");
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    (name == "ws" ? sockets.ws : sockets.api).push_back("fd:" + std::to_string(fd));
  }
  return sockets;
}

void tell_service(std::string_view state) {
  const std::string path = variable("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path.size() < 2 || path.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';  // of the abstract namespace
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return;
  ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size()));
  ::close(socket);
}

std::chrono::microseconds watchdog_period() {
  if (!variable("WATCHDOG_PID").empty() && !is_for_this_process("WATCHDOG_PID")) return {};
  return std::chrono::microseconds(std::max(0LL, number("WATCHDOG_USEC")));
}

}  // namespace hearth::app
