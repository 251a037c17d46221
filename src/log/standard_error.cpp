#include "log/log.hpp"
#include "protocol/iso_time.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <string>
#include <string_view>

namespace hearth {

namespace {

// How long a line waits for a terminal or pipe that takes nothing.
constexpr int kPatienceMilliseconds = 100;

// A reader that has gone must not end the process: the signal is for the thread that writes.
void hold_back_sigpipe() noexcept {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

// A pipe that has room takes PIPE_BUF bytes without blocking (pipe(7)), and a terminal some.
void write_patiently(int fd, std::string_view text) noexcept {
  thread_local const bool held_back = (hold_back_sigpipe(), true);
  static_cast<void>(held_back);
  while (!text.empty()) {
    pollfd descriptor{fd, POLLOUT, 0};
    const int ready = ::poll(&descriptor, 1, kPatienceMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || (descriptor.revents & POLLOUT) == 0) return;
    const ssize_t written = ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

namespace log {

namespace {

std::string_view colour_of(LogLevel level) noexcept {
  if (level == LogLevel::error) return "\033[31m";
  if (level == LogLevel::warning) return "\033[33m";
  return "";
}

// What is closed would be given to the next socket that is opened, and the lines be written to that.
void occupy_standard_error() noexcept {
  if (::fcntl(STDERR_FILENO, F_GETFD) >= 0 || errno != EBADF) return;
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null < 0 || null == STDERR_FILENO) return;
  ::dup3(null, STDERR_FILENO, O_CLOEXEC);
  ::close(null);
}

}  // namespace

Sink standard_error(std::string_view name) {
  occupy_standard_error();
  const bool has_colours = ::isatty(STDERR_FILENO) != 0;
  return [name = std::string(name), has_colours](const LogRecord& record) {
    const std::string_view colour = has_colours ? colour_of(record.level) : std::string_view();
    std::string line = protocol::iso_time(record.time);
    line.append(" ").append(colour).append(to_string(record.level)).append(colour.empty() ? "" : "\033[0m");
    line.append(" ").append(name).append(": ").append(record.text()).append("\n");
    write_patiently(STDERR_FILENO, line);
  };
}

}  // namespace log

}  // namespace hearth
