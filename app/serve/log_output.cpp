#include "serve/log_output.hpp"

#include "config/times.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

namespace hearth::app {

namespace {

constexpr std::size_t kLongestValue = 4096;  // of a line in JSON

std::string json_line(const LogRecord& record, const std::string& node) {
  std::string line = "{\"time\":\"" + config::show_time_exactly(record.time) + "\",\"level\":\"";
  line.append(to_string(record.level)).append("\",\"event\":").append(hearth::quoted(record.event));
  line.append(",\"node\":").append(hearth::quoted(node));
  line.append(",\"message\":").append(hearth::quoted(record.message, kLongestValue));
  for (const LogField& field : record.fields) {
    line.append(",").append(hearth::quoted(field.key)).append(":").append(hearth::quoted(field.value, kLongestValue));
  }
  return line + "}\n";
}

std::string_view colour_of(LogLevel level) {
  if (level == LogLevel::error) return "\033[31m";
  return level == LogLevel::warning ? "\033[33m" : "";
}

std::string coloured(std::string line, LogLevel level) {
  const std::string_view name = to_string(level);
  const std::string_view colour = colour_of(level);
  const std::size_t at = line.find(name);
  if (colour.empty() || at == std::string::npos) return line;
  return line.replace(at, name.size(), std::string(colour) + std::string(name) + "\033[0m");
}

/// All of it, or what the disk takes.
void write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string log_line(const LogRecord& record, config::LogFormat format, const std::string& node) {
  if (format == config::LogFormat::json) return json_line(record, node);
  std::string line = config::show_time_exactly(record.time);
  line.append(" ").append(to_string(record.level)).append(" ").append(record.event).append(": ");
  return line.append(record.text()).append("\n");
}

LogOutput::LogOutput(const config::LogConfig& config, std::string node)
    : format_(config.format),
      path_(config.file),
      node_(std::move(node)),
      has_colours_(!path_ && format_ == config::LogFormat::text && ::isatty(STDERR_FILENO) != 0) {
  if (!path_) return;
  file_ = open();
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), "log.file " + path_->string());
}

LogOutput::~LogOutput() {
  if (file_ >= 0) ::close(file_);
}

int LogOutput::open() const noexcept { return ::open(path_->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640); }

// A file that cannot be opened now leaves the lines in the old one.
void LogOutput::refresh() {
  if (!is_stale_.exchange(false) || !path_) return;
  const int fresh = open();
  if (fresh >= 0) {
    ::close(std::exchange(file_, fresh));
  } else {
    write_patiently(STDERR_FILENO, "hearth: log.file " + path_->string() + " cannot be opened anew: " +
                                       std::generic_category().message(errno) + "; lines go on into the old one\n");
  }
}

void LogOutput::write(const LogRecord& record) {
  refresh();
  const std::string line = log_line(record, format_, node_);
  if (path_) {
    write_all(file_, line);
  } else {
    write_patiently(STDERR_FILENO, has_colours_ ? coloured(line, record.level) : line);
  }
}

}  // namespace hearth::app
