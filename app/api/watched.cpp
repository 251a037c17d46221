#include "api/watched.hpp"
#include "config/times.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>

#include <algorithm>
#include <string_view>

namespace hearth::app {

namespace {

std::string json_text(std::string_view text) { return boost::json::serialize(boost::json::string_view(text)); }

/// Valid JSON has line breaks between its parts alone, never in them.
std::string in_a_line(std::string_view json) {
  std::string line(json);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

std::string text_of(const WatchedPublication& seen, std::chrono::system_clock::time_point time) {
  std::string text = "{\"time\":" + json_text(config::show_time_exactly(time)) + ",\"event\":" + json_text(seen.event);
  if (seen.data.has_value()) text += ",\"data\":" + in_a_line(seen.data.text());
  if (seen.from.has_value()) text += ",\"from\":" + in_a_line(seen.from.text());
  if (seen.position != Position{}) text += ",\"offset\":" + std::to_string(seen.position.offset);
  return text + '}';
}

}  // namespace hearth::app
