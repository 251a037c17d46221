#include "commands/token_claims.hpp"

#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace hearth::app {

namespace {

// RFC 6901, 4.
std::string unescaped(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const std::string_view escape = token.substr(i, 2);
    const bool is_escape = escape == "~0" || escape == "~1";
    name += is_escape ? (escape == "~0" ? '~' : '/') : token[i];
    if (is_escape) ++i;
  }
  return name;
}

}  // namespace

TokenClaims::TokenClaims(std::string_view json) {
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(json, error);
  if (error || !parsed.is_object()) {
    throw std::invalid_argument("--claims: no JSON object" + (error ? ": " + error.message() : std::string()));
  }
  claims_ = std::move(parsed.as_object());
}

void TokenClaims::add(std::string_view name, boost::json::value value) { claims_.emplace(name, std::move(value)); }

void TokenClaims::set(std::string_view path, boost::json::value value) {
  if (!path.starts_with('/')) {
    claims_[path] = std::move(value);
    return;
  }
  boost::json::object* object = &claims_;
  std::string_view rest = path.substr(1);
  for (std::size_t slash = 0; (slash = rest.find('/')) != std::string_view::npos; rest.remove_prefix(slash + 1)) {
    boost::json::value& next = (*object)[unescaped(rest.substr(0, slash))];
    if (next.is_null()) next.emplace_object();
    if (!next.is_object()) throw std::invalid_argument("--claims: no place for the user id at " + std::string(path));
    object = &next.get_object();
  }
  (*object)[unescaped(rest)] = std::move(value);
}

}  // namespace hearth::app
