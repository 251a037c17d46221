#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::load {

/// What every message says of itself: its stream, its place in it, and when it was to be sent.
struct Stamp {
  std::uint32_t stream = 0;
  std::uint64_t number = 0;  ///< from 0
  std::uint64_t at = 0;      ///< nanoseconds since the run began

  bool operator==(const Stamp&) const = default;
};

/// Appends `{"by":<stream>,"n":<number>,"at":<at>,"room":<room>,"pad":"xxx"}`, padded to `bytes` if it is shorter;
/// without `room` if that is empty.
void append_stamp(std::string& out, const Stamp& stamp, std::string_view room, std::size_t bytes);

/// Finds the stamp in a message, whatever stands around it.
std::optional<Stamp> find_stamp(std::string_view message) noexcept;

}  // namespace hearth::load
