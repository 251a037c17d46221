#include "hearth/log.hpp"
#include "log/quoted.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace hearth {

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      break;
  }
  return "off";
}

std::string quoted(std::string_view value, std::size_t longest) { return log::quoted(value, longest); }

std::string LogRecord::text() const {
  std::string line(message);
  for (const LogField& field : fields) {
    if (!line.empty()) line += ' ';
    line.append(field.key).append("=");
    log::append_value(line, field.value);
  }
  return line;
}

}  // namespace hearth
