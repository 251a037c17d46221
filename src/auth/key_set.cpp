#include "auth/key_set.hpp"

#include "auth/json_document.hpp"
#include "auth/jwk.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace hearth::auth {

namespace json = boost::json;

KeySet::KeySet(std::vector<VerificationKey> keys) {
  for (VerificationKey& key : keys) keys_.push_back({std::move(key), std::nullopt});
}

KeySet KeySet::awaited() {
  KeySet set;
  set.has_names_ = true;
  return set;
}

Parsed<KeySet> KeySet::read(std::string_view jwks, std::span<const JwtAlgorithm> algorithms) {
  if (jwks.size() > JwtVerifier::kMaxJwks) {
    return Problem{"is " + std::to_string(jwks.size()) + " bytes; at most 262144 are taken"};
  }
  boost::system::error_code error;
  const json::value value = json::parse(jwks, error);
  if (error) return Problem{"is not JSON: " + error.message()};
  const json::object* object = value.if_object();
  const json::value* member = object != nullptr ? object->if_contains("keys") : nullptr;
  const json::array* list = member != nullptr ? member->if_array() : nullptr;
  if (list == nullptr) return Problem{"is no key set: an object with an array `keys` (RFC 7517, 5)"};
  KeySet set = awaited();
  for (std::size_t index = 0; index < list->size(); ++index) set.add((*list)[index], index, algorithms);
  return set;
}

void KeySet::add(const json::value& jwk, std::size_t index, std::span<const JwtAlgorithm> algorithms) {
  const json::object* object = jwk.if_object();
  if (object == nullptr) {
    skipped_.push_back({index, {}, "is no object"});
    return;
  }
  std::optional<std::string> kid;
  if (const json::value* name = object->if_contains("kid")) {
    if (!name->is_string()) {
      skipped_.push_back({index, {}, "its `kid` is no string"});
      return;
    }
    kid = name->get_string();
  }
  auto key = read_jwk(*object, algorithms);
  if (key) {
    keys_.push_back({*std::move(key), std::move(kid)});
  } else {
    skipped_.push_back({index, kid.value_or(""), key.error().text});
  }
}

KeySet::Choice KeySet::choose(JwtAlgorithm algorithm, std::optional<std::string_view> kid) const {
  if (!has_names_) kid.reset();
  Choice choice;
  for (const Named& named : keys_) {
    if (kid && named.kid != kid) continue;
    choice.kid_known = choice.kid_known || kid;
    if (choice.count < choice.keys.size() && named.key.fits(algorithm)) choice.keys[choice.count++] = &named.key;
  }
  return choice;
}

}  // namespace hearth::auth
