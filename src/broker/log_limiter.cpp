#include "broker/log_limiter.hpp"

#include <algorithm>
#include <utility>

namespace hearth::broker {
namespace {

std::string with_note(std::string line, std::uint64_t others) {
  if (others > 0) line.append(" (and ").append(std::to_string(others)).append(" more like it)");
  return line;
}

}  // namespace

std::optional<std::string> LogLimiter::admit(std::string_view kind, std::string line, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& one) { return one.name == kind; });
  if (known == kinds_.end()) {
    kinds_.push_back({kind, now + period_});
    return line;
  }
  if (now < known->next) {
    ++known->held_back;
    known->newest = std::move(line);
    return std::nullopt;
  }
  known->next = now + period_;
  known->newest.clear();
  return with_note(std::move(line), std::exchange(known->held_back, 0));
}

std::vector<std::string> LogLimiter::overdue(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (Kind& kind : kinds_) {
    if (kind.held_back == 0 || now < kind.next) continue;
    kind.next = now + period_;
    lines.push_back(with_note(std::exchange(kind.newest, {}), std::exchange(kind.held_back, 0) - 1));
  }
  return lines;
}

std::optional<LogLimiter::Clock::time_point> LogLimiter::next_overdue() const {
  const std::lock_guard lock(mutex_);
  std::optional<Clock::time_point> next;
  for (const Kind& kind : kinds_) {
    if (kind.held_back > 0 && (!next || kind.next < *next)) next = kind.next;
  }
  return next;
}

}  // namespace hearth::broker
