#pragma once

#include "auth/parsed.hpp"
#include "auth/verification_key.hpp"

#include <boost/json/object.hpp>

#include <span>

namespace hearth::auth {

/// Reads a JSON Web Key (RFC 7517; RFC 7518, 6; RFC 8037, 2) for those of the algorithms that it is for. A problem if
/// it is of no use for verifying with any of them.
Parsed<VerificationKey> read_jwk(const boost::json::object& jwk, std::span<const JwtAlgorithm> algorithms);

}  // namespace hearth::auth
