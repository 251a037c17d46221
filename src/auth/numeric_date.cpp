#include "auth/numeric_date.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace hearth::auth {
namespace {

constexpr std::int64_t kEndOf9999 = 253'402'300'800;

std::optional<std::int64_t> whole_seconds(const boost::json::value& value) noexcept {
  switch (value.kind()) {
    case boost::json::kind::int64:
      return value.get_int64();
    case boost::json::kind::uint64:  // those above what a signed one holds
      return kEndOf9999;
    case boost::json::kind::double_: {
      const double number = value.get_double();
      // Written so that what is no number at all fails too.
      if (!(number >= 0 && number < static_cast<double>(kEndOf9999))) return std::nullopt;
      return static_cast<std::int64_t>(number);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::chrono::sys_seconds> numeric_date(const boost::json::value& value) noexcept {
  const auto since_1970 = whole_seconds(value);
  if (!since_1970 || *since_1970 < 0 || *since_1970 >= kEndOf9999) return std::nullopt;
  return std::min(std::chrono::sys_seconds(std::chrono::seconds(*since_1970)), kLatest);
}

std::string to_text(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace hearth::auth
