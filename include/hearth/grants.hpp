#pragma once

#include "hearth/export.hpp"
#include "hearth/rate.hpp"
#include "hearth/room_pattern.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hearth {

/// What somebody is given together with who they are: the claim `hearth` of a token, and the same object in a
/// backend's answer (docs/authentication.md, The hearth object).
struct Grants {
  /// Most patterns or rooms in each of the lists.
  static constexpr std::size_t kMaxPatterns = 64;
  /// Longest `info` as JSON text, in bytes.
  static constexpr std::size_t kMaxInfo = 1024;

  boost::json::value metadata{};         ///< `metadata`; null if there is none
  std::vector<RoomPattern> join{};       ///< `join`: what the holder may join, where a rule says `granted`
  std::vector<RoomPattern> publish{};    ///< `publish`: and where it may publish
  std::vector<std::string> auto_join{};  ///< `autoJoin`: rooms that it is put in
  std::optional<Rate> messages{};        ///< `messages`: how often it may send, in place of the server's limit
  boost::json::value info{};             ///< `info`: what others see of it; null if there is none
};

/// What is wrong with such an object.
struct GrantsProblem {
  std::string member{};  ///< `join[3]`; empty if it is the object itself
  std::string text{};    ///< what is wrong, and what would be right
};

/// For `read_grants(…).value()`: throws std::invalid_argument.
[[noreturn]] HEARTH_API void throw_exception_from_error(const GrantsProblem& problem, const boost::source_location&);

/// Reads the object. Members that have no meaning are ignored, as those of a token are (RFC 7519, 4);
/// unknown_grants() names them.
HEARTH_API boost::system::result<Grants, GrantsProblem> read_grants(const boost::json::value& object);

/// The members that read_grants() ignores.
HEARTH_API std::vector<std::string> unknown_grants(const boost::json::value& object);

}  // namespace hearth
