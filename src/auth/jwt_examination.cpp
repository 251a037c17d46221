#include "auth/jwt_examination.hpp"

#include "auth/algorithms.hpp"
#include "auth/numeric_date.hpp"
#include "auth/shown.hpp"
#include "protocol/json.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace hearth::auth {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::size_t kMaxUserId = 256;

std::optional<std::string_view> text_of(const json::value* value) noexcept {
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::optional(std::string_view(*text)) : std::nullopt;
}

/// The header's members that ask for what is not done here, and why.
const char* unsupported(const json::object& header) noexcept {
  if (header.contains("crit")) return "its header has `crit`, and no extension is understood here";
  if (header.contains("zip")) return "its header has `zip`, and tokens are not compressed here";
  if (header.contains("enc")) return "its header has `enc`, which is for encrypted tokens";
  const json::value* b64 = header.if_contains("b64");
  if (b64 != nullptr && *b64 != json::value(true))
    return "its header has `b64`, and the payload is always base64url here";
  return nullptr;
}

bool names_one_of(const json::value& audience, const std::vector<std::string>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
    if (const json::array* list = audience.if_array()) {
      return std::find(list->begin(), list->end(), json::value(name)) != list->end();
    }
    return text_of(&audience) == name;
  });
}

}  // namespace

JwtExamination::Failure JwtExamination::check_length() {
  if (token_.size() <= JwtVerifier::kMaxToken) return std::nullopt;
  return refuse(JwtReason::too_long, "it is " + std::to_string(token_.size()) + " bytes; at most 8192 are taken");
}

JwtExamination::Failure JwtExamination::check_form() {
  auto jws = parse_jws(token_);
  if (!jws) return refuse(JwtReason::malformed, std::move(jws.error().text));
  jws_ = *std::move(jws);
  return std::nullopt;
}

JwtExamination::Failure JwtExamination::check_header() {
  if (const char* what = unsupported(jws_->header)) return refuse(JwtReason::unsupported, what);
  return std::nullopt;
}

/// What the token says of itself decides by whose keys it is tried, and only those can say that it is true.
JwtExamination::Failure JwtExamination::check_issuer() {
  const auto issuer = text_of(claim("iss"));
  for (std::size_t i = 0; i < issuers_.size(); ++i) {
    const std::string& wanted = issuers_[i]->settings().issuer;
    if (wanted.empty() || issuer == wanted) {
      issuer_ = i;
      return std::nullopt;
    }
  }
  if (!issuer) return refuse(JwtReason::issuer, "it has no string `iss`");
  return refuse(JwtReason::issuer, "its `iss` " + shown(*issuer) + " is that of nobody whose tokens are taken");
}

JwtExamination::Failure JwtExamination::check_algorithm() {
  const auto name = text_of(jws_->header.if_contains("alg"));
  if (!name) return refuse(JwtReason::malformed, "its header has no string `alg`");
  const auto algorithm = jwt_algorithm(*name);
  if (!algorithm || !issuers_[*issuer_]->allows(*algorithm)) {
    return refuse(JwtReason::algorithm,
                  "it is signed with " + shown(*name) + "; taken are " + names(settings().algorithms));
  }
  algorithm_ = algorithm;
  return std::nullopt;
}

JwtExamination::Failure JwtExamination::check_key() {
  if (jws_->header.contains("kid") && !kid())
    return refuse(JwtReason::malformed, "the `kid` in its header is no string");
  keys_ = issuers_[*issuer_]->keys();
  choice_ = keys_->choose(*algorithm_, kid());
  if (choice_.count > 0) return std::nullopt;
  const std::string name(traits(*algorithm_).name);
  if (choice_.kid_known) {
    return refuse(JwtReason::algorithm, "the key with its `kid` " + shown(*kid()) + " is not for " + name);
  }
  if (keys_->size() == 0) return refuse(JwtReason::kid, "there are no keys of its issuer yet");
  if (kid()) return refuse(JwtReason::kid, "there is no key with its `kid` " + shown(*kid()));
  return refuse(JwtReason::kid, "it has no `kid`, and there is no key for " + name);
}

JwtExamination::Failure JwtExamination::check_signature() {
  const std::span tried(choice_.keys.data(), choice_.count);
  const bool good = std::any_of(tried.begin(), tried.end(), [&](const VerificationKey* key) {
    return key->verify(*algorithm_, jws_->signed_text, jws_->signature);
  });
  if (good) return std::nullopt;
  return refuse(JwtReason::signature, choice_.count == 1 ? "its signature is not that of the key"
                                                         : "its signature is that of none of the keys tried");
}

JwtExamination::Failure JwtExamination::read_times() {
  for (const auto& [name, time] : {std::pair("exp", &found_.expires_at), std::pair("iat", &found_.issued_at)}) {
    const json::value* value = claim(name);
    if (value == nullptr) continue;
    *time = numeric_date(*value);
    if (!*time) return refuse(JwtReason::claims, "its `" + std::string(name) + "` is no time in seconds (RFC 7519, 2)");
  }
  return std::nullopt;
}

JwtExamination::Failure JwtExamination::check_expiry() {
  if (auto failure = read_times()) return failure;
  if (!found_.expires_at && settings().require_exp)
    return refuse(JwtReason::claims, "it has no `exp`, which it must have");
  const seconds most = settings().max_lifetime;
  if (most > seconds(0)) {
    // An `iat` that is yet to come would make the life longer.
    const auto begin = std::min(found_.issued_at.value_or(now_), now_);
    // Written so that a very long one does not overflow.
    const auto end = most < kLatest - begin ? begin + most : kLatest;
    found_.expires_at = std::min(found_.expires_at.value_or(end), end);
  }
  return check_end();
}

JwtExamination::Failure JwtExamination::check_end() const {
  // On or after that moment it must not be taken (RFC 7519, 4.1.4).
  if (!found_.expires_at || now_ < *found_.expires_at + settings().leeway) return std::nullopt;
  return refuse(JwtReason::expired, "it has expired at " + to_text(*found_.expires_at) + ", " +
                                        std::to_string((now_ - *found_.expires_at).count()) + " s ago");
}

JwtExamination::Failure JwtExamination::check_start() {
  const json::value* value = claim("nbf");
  if (value == nullptr) return std::nullopt;
  const auto start = numeric_date(*value);
  if (!start) return refuse(JwtReason::claims, "its `nbf` is no time in seconds (RFC 7519, 2)");
  if (now_ + settings().leeway >= *start) return std::nullopt;
  return refuse(JwtReason::not_yet_valid,
                "it is valid from " + to_text(*start) + ", in " + std::to_string((*start - now_).count()) + " s");
}

JwtExamination::Failure JwtExamination::check_audience() {
  const json::value* audience = claim("aud");
  const std::vector<std::string>& wanted = settings().audience;
  if (audience == nullptr && wanted.empty()) return std::nullopt;
  if (audience == nullptr) return refuse(JwtReason::audience, "it has no `aud`, and the server has an audience");
  if (wanted.empty()) return refuse(JwtReason::audience, "it has an `aud`, and the server has none (RFC 7519, 4.1.3)");
  if (names_one_of(*audience, wanted)) return std::nullopt;
  return refuse(JwtReason::audience, "its `aud` names none of the server's audiences");
}

JwtExamination::Failure JwtExamination::check_user() {
  const ClaimPath& path = issuers_[*issuer_]->user_claim();
  const json::value* value = path.find(jws_->payload);
  if (value == nullptr) return refuse(JwtReason::claims, "it has no claim " + shown(path.text()) + ", the user id");
  const std::vector<std::string> ids = value->is_array() ? std::vector<std::string>() : texts(*value);
  if (ids.empty() || protocol::utf16_length(ids.front()) > kMaxUserId) {
    return refuse(JwtReason::claims,
                  "its claim " + shown(path.text()) + " is no user id: a string of 1 to 256 characters, or an integer");
  }
  found_.user_id = ids.front();
  const json::value* jti = claim("jti");
  if (jti != nullptr && !jti->is_string()) return refuse(JwtReason::claims, "its `jti` is no string");
  if (jti != nullptr) found_.jti = jti->get_string();
  return std::nullopt;
}

JwtExamination::Failure JwtExamination::check_grants() {
  const ClaimPath& path = issuers_[*issuer_]->hearth_claim();
  const json::value* value = path.find(jws_->payload);
  if (value == nullptr) return std::nullopt;
  auto grants = read_grants(*value);
  if (!grants) {
    const GrantsProblem& problem = grants.error();
    const std::string member = problem.member.empty() ? "" : ": `" + problem.member + '`';
    return refuse(JwtReason::claims, "its claim " + shown(path.text()) + member + ' ' + problem.text);
  }
  found_.grants = *std::move(grants);
  return std::nullopt;
}

std::optional<std::string_view> JwtExamination::kid() const noexcept {
  return text_of(jws_->header.if_contains("kid"));
}

VerifiedJwt JwtExamination::result() {
  found_.issuer = *issuer_;
  found_.claims = std::move(jws_->payload);
  return std::move(found_);
}

}  // namespace hearth::auth
