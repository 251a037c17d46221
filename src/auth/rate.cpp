#include "hearth/rate.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace hearth {
namespace {

constexpr std::uint32_t kMostCount = 1'000'000;
constexpr std::string_view kBurst = " burst ";

/// The number that `text` is, from 1 to kMostCount.
std::optional<std::uint32_t> count_in(std::string_view text) noexcept {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 1 || count > kMostCount) return std::nullopt;
  return count;
}

std::optional<std::chrono::seconds> period(std::string_view unit) noexcept {
  if (unit == "s") return std::chrono::seconds(1);
  if (unit == "min") return std::chrono::minutes(1);
  return std::nullopt;
}

}  // namespace

std::optional<Rate> parse_rate(std::string_view text) noexcept {
  const std::size_t space = text.find(' ');
  const std::string_view rate = text.substr(0, space);
  const std::size_t slash = rate.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = count_in(rate.substr(0, slash));
  const auto per = period(rate.substr(slash + 1));
  if (!count || !per) return std::nullopt;
  if (space == std::string_view::npos) {
    return Rate{*count, *per, std::max(*count / static_cast<std::uint32_t>(per->count()), 1U)};
  }
  if (!text.substr(space).starts_with(kBurst)) return std::nullopt;
  const auto burst = count_in(text.substr(space + kBurst.size()));
  if (!burst) return std::nullopt;
  return Rate{*count, *per, *burst};
}

}  // namespace hearth
