#pragma once

#include <boost/assert/source_location.hpp>

namespace hearth {

/// Whether checks are made that take longer than what they check: in builds without NDEBUG, which those with sanitizers
/// are.
#ifdef NDEBUG
inline constexpr bool kThorough = false;
#else
inline constexpr bool kThorough = true;
#endif

/// Says on stderr where an expectation was not met, and ends the process.
[[noreturn]] void not_met(boost::source_location where) noexcept;

/// What holds unless we have made a mistake ourselves: which thread this is, that a phase does not go back, that two
/// places which know the same agree. In every build, so it has to be cheap; what is not stands behind
/// `if constexpr (kThorough)`. If it does not hold, nothing that follows can be relied on, so the process ends.
///
/// Never about what comes from outside: a peer, Redis, the application and the system may send and answer anything, and
/// get an error for it.
///
/// (Boost's source_location, for the standard's is not known to clang 14, which the fuzz targets are built with.)
inline void expect(bool condition, boost::source_location where = BOOST_CURRENT_LOCATION) noexcept {
  if (!condition) [[unlikely]]
    not_met(where);
}

}  // namespace hearth
