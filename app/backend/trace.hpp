#pragma once

#include <string>
#include <string_view>

namespace hearth::app {

/// The value of the field `traceparent` (W3C Trace Context) of a request that comes from one with `given`: that, if it
/// is one, else the beginning of a new trace.
std::string traceparent_from(std::string_view given);

/// So many random bytes as hexadecimal digits, for names that nobody else has. Throws std::runtime_error if OpenSSL has
/// none.
std::string random_hex(unsigned bytes);

}  // namespace hearth::app
