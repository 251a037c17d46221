#include "auth/trusted_issuer.hpp"

#include "auth/algorithms.hpp"
#include "auth/key_kind.hpp"
#include "auth/pem.hpp"
#include "auth/shown.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace hearth::auth {
namespace {

constexpr std::chrono::seconds kMaxLeeway = std::chrono::minutes(10);

/// What is kept of an issuer: keys are where they are used, and nowhere else.
JwtIssuer without_keys(const JwtIssuer& issuer) {
  return {.jwks = issuer.jwks ? std::optional<std::string>("") : std::nullopt,
          .algorithms = issuer.algorithms,
          .issuer = issuer.issuer,
          .audience = issuer.audience,
          .user_claim = issuer.user_claim,
          .hearth_claim = issuer.hearth_claim,
          .require_exp = issuer.require_exp,
          .leeway = issuer.leeway,
          .max_lifetime = issuer.max_lifetime};
}

bool is_hmac(JwtAlgorithm algorithm) noexcept { return traits(algorithm).family == SignatureFamily::hmac; }

}  // namespace

TrustedIssuer::TrustedIssuer(JwtIssuer issuer, ClaimPath user_claim, ClaimPath hearth_claim, KeySet keys)
    : settings_(std::move(issuer)),
      user_claim_(std::move(user_claim)),
      hearth_claim_(std::move(hearth_claim)),
      keys_(std::make_shared<const KeySet>(std::move(keys))) {}

bool TrustedIssuer::allows(JwtAlgorithm algorithm) const noexcept {
  return std::find(settings_.algorithms.begin(), settings_.algorithms.end(), algorithm) != settings_.algorithms.end();
}

std::shared_ptr<const KeySet> TrustedIssuer::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void TrustedIssuer::replace_keys(KeySet keys) {
  auto replacement = std::make_shared<const KeySet>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_.swap(replacement);
}

void IssuerCompiler::add(const JwtIssuer& issuer) {
  ClaimPath user_claim = read_path("user_claim", issuer.user_claim);
  ClaimPath hearth_claim = read_path("hearth_claim", issuer.hearth_claim);
  KeySet keys = read_keys(issuer);
  check_names(issuer);
  check_times(issuer);
  issuers_.push_back(std::make_unique<TrustedIssuer>(without_keys(issuer), std::move(user_claim),
                                                     std::move(hearth_claim), std::move(keys)));
}

KeySet IssuerCompiler::read_keys(const JwtIssuer& issuer) {
  if (issuer.algorithms.empty()) complain("algorithms", "is missing; name what tokens are signed with, such as HS256");
  const int given = (issuer.secret.empty() ? 0 : 1) + (issuer.public_key.empty() ? 0 : 1) + (issuer.jwks ? 1 : 0);
  if (given != 1) {
    complain("secret", std::string(given == 0 ? "none" : "more than one") +
                           " of secret, public_key and jwks is given; exactly one says where the keys are");
    return KeySet();
  }
  if (issuer.algorithms.empty()) return KeySet();
  if (!issuer.secret.empty()) return KeySet(read_secrets(issuer));
  if (!issuer.public_key.empty()) return KeySet(read_public_keys(issuer));
  if (issuer.jwks->empty()) return KeySet::awaited();
  auto set = KeySet::read(*issuer.jwks, issuer.algorithms);
  if (set) return *std::move(set);
  complain("jwks", set.error().text);
  return KeySet();
}

std::vector<VerificationKey> IssuerCompiler::read_secrets(const JwtIssuer& issuer) {
  std::vector<VerificationKey> keys;
  for (std::size_t i = 0; i < issuer.secret.size(); ++i) {
    const std::string& secret = issuer.secret[i];
    // A public key as a secret: whoever has it could make tokens.
    if (looks_like_pem(secret)) {
      complain("secret", i, "is a key in PEM; give it as public_key");
      continue;
    }
    auto key = VerificationKey::of_secret(secret, issuer.algorithms);
    if (!key) {
      complain("secret", i, key.error().text);
      continue;
    }
    for (const JwtAlgorithm algorithm : issuer.algorithms) {
      if (is_hmac(algorithm) && !key->fits(algorithm)) complain("secret", i, too_short(secret.size(), algorithm).text);
    }
    keys.push_back(*std::move(key));
  }
  if (keys.size() == issuer.secret.size()) check_coverage("secret", issuer, keys);
  return keys;
}

std::vector<VerificationKey> IssuerCompiler::read_public_keys(const JwtIssuer& issuer) {
  std::vector<VerificationKey> keys;
  for (std::size_t i = 0; i < issuer.public_key.size(); ++i) {
    auto pkey = public_key_in_pem(issuer.public_key[i]);
    if (!pkey) {
      complain("public_key", i, pkey.error().text);
      continue;
    }
    auto key = VerificationKey::of_public_key(*std::move(pkey), issuer.algorithms);
    if (key) {
      keys.push_back(*std::move(key));
    } else {
      complain("public_key", i, key.error().text);
    }
  }
  if (keys.size() == issuer.public_key.size()) check_coverage("public_key", issuer, keys);
  return keys;
}

void IssuerCompiler::check_coverage(std::string_view key, const JwtIssuer& issuer,
                                    const std::vector<VerificationKey>& keys) {
  for (const JwtAlgorithm algorithm : issuer.algorithms) {
    const auto fitting = static_cast<std::size_t>(
        std::count_if(keys.begin(), keys.end(), [&](const auto& k) { return k.fits(algorithm); }));
    const std::string name(traits(algorithm).name);
    if (fitting == 0) complain("algorithms", "has " + name + ", and no " + std::string(key) + " is for that");
    if (fitting > JwtVerifier::kMaxTries) {
      complain(key, "has " + std::to_string(fitting) + " keys for " + name + "; a token is tried with at most 4");
    }
  }
}

ClaimPath IssuerCompiler::read_path(std::string_view key, std::string_view text) {
  auto path = ClaimPath::parse(text);
  if (path) return *std::move(path);
  complain(key, path.error().text);
  return *ClaimPath::parse("sub");
}

void IssuerCompiler::check_names(const JwtIssuer& issuer) {
  if (count_ > 1 && issuer.issuer.empty()) {
    complain("issuer", "is missing; with several issuers it tells by whose keys a token is to be tried");
  }
  const bool taken = std::any_of(issuers_.begin(), issuers_.end(), [&](const auto& other) {
    return !issuer.issuer.empty() && other->settings().issuer == issuer.issuer;
  });
  if (taken)
    complain("issuer", "is " + shown(issuer.issuer) + ", as that of another; one token is tried with one set of keys");
  for (std::size_t i = 0; i < issuer.audience.size(); ++i) {
    if (issuer.audience[i].empty()) complain("audience", i, "is empty; it is a name that tokens are made for");
  }
}

void IssuerCompiler::check_times(const JwtIssuer& issuer) {
  if (issuer.leeway < std::chrono::seconds(0) || issuer.leeway > kMaxLeeway) {
    complain("leeway", "is " + std::to_string(issuer.leeway.count()) + " s; 0 to 10 min is possible");
  }
  if (issuer.max_lifetime < std::chrono::seconds(0)) {
    complain("max_lifetime", "is " + std::to_string(issuer.max_lifetime.count()) + " s; it cannot be negative");
  }
}

void IssuerCompiler::complain(std::string_view key, std::string text) {
  problems_.push_back({issuers_.size(), std::string(key), std::nullopt, std::move(text)});
}

void IssuerCompiler::complain(std::string_view key, std::size_t element, std::string text) {
  problems_.push_back({issuers_.size(), std::string(key), element, std::move(text)});
}

}  // namespace hearth::auth
