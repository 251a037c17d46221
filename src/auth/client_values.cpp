#include "auth/client_values.hpp"

#include <boost/json/value.hpp>

namespace hearth::auth {

const boost::json::value* ClientValues::claim(const Placeholder& placeholder) const noexcept {
  return client_.claims != nullptr ? placeholder.claim->find(*client_.claims) : nullptr;
}

bool ClientValues::has(const Placeholder& placeholder, std::string_view value) const noexcept {
  switch (placeholder.kind) {
    case Placeholder::Kind::user:
      return client_.user_id == value;
    case Placeholder::Kind::client:
      return client_.client_id == value;
    case Placeholder::Kind::claim:
      break;
  }
  const boost::json::value* found = claim(placeholder);
  return found != nullptr && has_text(*found, value);
}

std::vector<std::string> ClientValues::all(const Placeholder& placeholder) const {
  if (placeholder.kind == Placeholder::Kind::claim) {
    const boost::json::value* found = claim(placeholder);
    return found != nullptr ? texts(*found) : std::vector<std::string>();
  }
  const std::string_view id =
      placeholder.kind == Placeholder::Kind::client ? client_.client_id : client_.user_id.value_or("");
  return id.empty() ? std::vector<std::string>() : std::vector<std::string>{std::string(id)};
}

}  // namespace hearth::auth
