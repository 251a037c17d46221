#include "config/retention.hpp"

#include "config/units.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <system_error>

namespace hearth::config {

namespace {

constexpr std::chrono::milliseconds kLeastTtl = std::chrono::seconds(1);
constexpr std::chrono::milliseconds kMostTtl = std::chrono::hours(24 * 30);

}  // namespace

std::variant<Retention, std::string> parse_retention(std::string_view text) {
  const std::string_view number = text.substr(0, text.find(','));
  Retention retention{0, std::chrono::minutes(10)};
  const auto end = std::from_chars(number.data(), number.data() + number.size(), retention.size);
  if (end.ec != std::errc() || end.ptr != number.data() + number.size() || retention.size == 0 ||
      retention.size > kMostHistory) {
    return "is `" + std::string(text) + "`; it begins with a number of publications from 1 to 100000, as in `1000,10m`";
  }
  if (number.size() == text.size()) return retention;
  const auto ttl = parse_duration(text.substr(number.size() + 1));
  if (!ttl || *ttl < kLeastTtl || *ttl > kMostTtl) {
    return "is `" + std::string(text) + "`; after the comma stands a time from 1s to 30d, as in `1000,10m`";
  }
  retention.ttl = *ttl;
  return retention;
}

}  // namespace hearth::config
