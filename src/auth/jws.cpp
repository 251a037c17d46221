#include "auth/jws.hpp"

#include "auth/json_document.hpp"
#include "crypto/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hearth::auth {
namespace {

constexpr std::ptrdiff_t kDotsOfJws = 2;
constexpr std::ptrdiff_t kDotsOfJwe = 4;

Parsed<boost::json::object> parse_part(std::string_view name, std::string_view part) {
  const auto text = crypto::decode_base64url(part);
  if (!text) return Problem{"the " + std::string(name) + " is not base64url without padding"};
  auto object = parse_object(*text);
  if (!object) return Problem{"the " + std::string(name) + ' ' + object.error().text};
  return *std::move(object);
}

}  // namespace

Parsed<Jws> parse_jws(std::string_view token) {
  const auto dots = std::count(token.begin(), token.end(), '.');
  if (dots == kDotsOfJwe) return Problem{"it is encrypted (JWE); a signed one is wanted"};
  if (dots != kDotsOfJws) return Problem{"it does not have three parts with dots between them"};
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  auto header = parse_part("header", token.substr(0, first));
  if (!header) return header.error();
  auto payload = parse_part("payload", token.substr(first + 1, second - first - 1));
  if (!payload) return payload.error();
  auto signature = crypto::decode_base64url(token.substr(second + 1));
  if (!signature) return Problem{"the signature is not base64url without padding"};
  return Jws{token.substr(0, second), *std::move(header), *std::move(payload), *std::move(signature)};
}

}  // namespace hearth::auth
