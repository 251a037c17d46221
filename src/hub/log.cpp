#include "hub/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <memory>

namespace hearth::hub {

namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

Log standard_error(const std::string& name, LogLevel least) {
  auto logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(level_of(least));
  logger->flush_on(spdlog::level::trace);
  return [logger](LogLevel level, std::string_view line) {
    logger->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
  };
}

}  // namespace

Log make_log(const Options& options) {
  if (!options.log) return standard_error(options.identifier, options.log_level);
  return [log = options.log, least = options.log_level](LogLevel level, std::string_view line) {
    if (level < least) return;
    try {
      log(level, line);
    } catch (const std::exception&) {
      // A log that fails must not take the server with it, and there is nowhere to say so.
    }
  };
}

}  // namespace hearth::hub
