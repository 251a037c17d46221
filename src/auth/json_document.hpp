#pragma once

#include "auth/parsed.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace hearth::auth {

/// Reads a JSON object of a token, strictly: UTF-8, at most 32 levels, and no object in it has a key twice, for which
/// of the two counts would be a matter of the reader (RFC 7515, 4; RFC 8725, 2.6).
Parsed<boost::json::object> parse_object(std::string_view text);

}  // namespace hearth::auth
