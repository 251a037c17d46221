#include "protocol/iso_time.hpp"

#include <cstddef>

namespace hearth::protocol {
namespace {

/// Writes `value` in decimal over `width` characters, the last of which is at `last`.
void put(std::string& text, std::size_t last, std::size_t width, unsigned value) {
  for (std::size_t i = 0; i < width; ++i, value /= 10) text[last - i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string iso_time(std::chrono::system_clock::time_point time) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::milliseconds;
  const auto midnight = floor<days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(floor<milliseconds>(time - midnight));

  std::string text = "0000-00-00T00:00:00.000Z";
  put(text, 3, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(text, 6, 2, static_cast<unsigned>(date.month()));
  put(text, 9, 2, static_cast<unsigned>(date.day()));
  put(text, 12, 2, static_cast<unsigned>(clock.hours().count()));
  put(text, 15, 2, static_cast<unsigned>(clock.minutes().count()));
  put(text, 18, 2, static_cast<unsigned>(clock.seconds().count()));
  put(text, 22, 3, static_cast<unsigned>(clock.subseconds().count()));
  return text;
}

}  // namespace hearth::protocol
