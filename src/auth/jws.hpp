#pragma once

#include "auth/parsed.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace hearth::auth {

/// A signed token taken apart (RFC 7515, 7.1). Nothing in it has been checked.
struct Jws {
  std::string_view signed_text;  ///< header and payload as they came; a view of the token
  boost::json::object header;
  boost::json::object payload;
  std::string signature;
};

Parsed<Jws> parse_jws(std::string_view token);

}  // namespace hearth::auth
