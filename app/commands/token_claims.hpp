#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace hearth::app {

/// The claims of a token that is being made.
class TokenClaims {
 public:
  /// From a JSON object. Throws std::invalid_argument if the text is none.
  explicit TokenClaims(std::string_view json);

  /// Adds a claim, unless it is there.
  void add(std::string_view name, boost::json::value value);
  /// Puts a claim where a name, or a JSON pointer that begins with `/`, says. Throws std::invalid_argument if something
  /// that is no object is in the way.
  void set(std::string_view path, boost::json::value value);

  const boost::json::object& object() const noexcept { return claims_; }

 private:
  boost::json::object claims_;
};

}  // namespace hearth::app
