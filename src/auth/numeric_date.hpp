#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace hearth::auth {

/// The last moment that a token can speak of: 2200-01-01. Later ones count as this one.
inline constexpr std::chrono::sys_seconds kLatest{std::chrono::seconds(7'258'118'400)};

/// A NumericDate (RFC 7519, 2), whole seconds of it. Nothing if it is no number, before 1970, or after the year 9999,
/// such as milliseconds by mistake.
std::optional<std::chrono::sys_seconds> numeric_date(const boost::json::value& value) noexcept;

/// `2026-01-02T03:04:05Z`
std::string to_text(std::chrono::sys_seconds time);

}  // namespace hearth::auth
