#include "hearth/jwt.hpp"

#include "auth/jwt_examination.hpp"
#include "auth/trusted_issuer.hpp"

#include <openssl/crypto.h>
#include <boost/throw_exception.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

class JwtVerifier::Impl {
 public:
  auth::IssuerCompiler::Issuers issuers;

  auth::TrustedIssuer& issuer(std::size_t index) const {
    if (index < issuers.size()) return *issuers[index];
    throw std::out_of_range("hearth: there is no JWT issuer " + std::to_string(index));
  }
};

namespace {

auth::IssuerCompiler compile(std::span<const JwtIssuer> issuers) {
  auth::IssuerCompiler compiler(issuers.size());
  for (const JwtIssuer& issuer : issuers) compiler.add(issuer);
  return compiler;
}

[[noreturn]] void refuse(const std::vector<JwtProblem>& problems) {
  std::string text = "hearth: ";
  for (const JwtProblem& problem : problems) {
    if (&problem != &problems.front()) text += "; ";
    text += "jwt[" + std::to_string(problem.issuer) + "]." + problem.key;
    if (problem.element) text += '[' + std::to_string(*problem.element) + ']';
    text += ' ' + problem.text;
  }
  throw std::invalid_argument(text);
}

/// Secrets that have been taken over need not lie about.
void wipe(std::span<JwtIssuer> issuers) noexcept {
  for (JwtIssuer& issuer : issuers) {
    for (std::string& secret : issuer.secret) OPENSSL_cleanse(secret.data(), secret.size());
  }
}

auth::IssuerCompiler::Issuers compiled(std::vector<JwtIssuer> issuers) {
  if (issuers.empty()) throw std::invalid_argument("hearth: a JwtVerifier needs at least one issuer");
  auth::IssuerCompiler compiler = compile(issuers);
  wipe(issuers);
  if (!compiler.problems().empty()) refuse(compiler.problems());
  return compiler.take_issuers();
}

}  // namespace

std::string_view to_string(JwtReason reason) noexcept {
  switch (reason) {
    case JwtReason::too_long:
      return "too_long";
    case JwtReason::malformed:
      return "malformed";
    case JwtReason::unsupported:
      return "unsupported";
    case JwtReason::issuer:
      return "issuer";
    case JwtReason::algorithm:
      return "algorithm";
    case JwtReason::kid:
      return "kid";
    case JwtReason::signature:
      return "signature";
    case JwtReason::expired:
      return "expired";
    case JwtReason::not_yet_valid:
      return "not_yet_valid";
    case JwtReason::audience:
      return "audience";
    case JwtReason::claims:
      break;
  }
  return "claims";
}

void throw_exception_from_error(const JwtRefusal& refusal, const boost::source_location& location) {
  boost::throw_exception(std::invalid_argument("hearth: the token was not taken: " + refusal.text), location);
}

JwtVerifier::JwtVerifier(std::vector<JwtIssuer> issuers)
    : impl_(std::make_unique<Impl>(Impl{compiled(std::move(issuers))})) {}
JwtVerifier::JwtVerifier(JwtVerifier&&) noexcept = default;
JwtVerifier& JwtVerifier::operator=(JwtVerifier&&) noexcept = default;
JwtVerifier::~JwtVerifier() = default;

std::vector<JwtProblem> JwtVerifier::check(std::span<const JwtIssuer> issuers) { return compile(issuers).problems(); }

JwtResult JwtVerifier::verify(std::string_view token, std::chrono::system_clock::time_point now) const {
  return auth::JwtExamination(impl_->issuers, token, std::chrono::floor<std::chrono::seconds>(now)).verify();
}

JwtExplanation JwtVerifier::explain(std::string_view token, std::chrono::system_clock::time_point now) const {
  return auth::JwtExamination(impl_->issuers, token, std::chrono::floor<std::chrono::seconds>(now)).explain();
}

JwksOutcome JwtVerifier::replace_jwks(std::size_t issuer, std::string_view text) {
  auth::TrustedIssuer& trusted = impl_->issuer(issuer);
  if (!trusted.settings().jwks) {
    throw std::logic_error("hearth: the JWT issuer " + std::to_string(issuer) + " has no jwks that could be replaced");
  }
  auto set = auth::KeySet::read(text, trusted.settings().algorithms);
  if (!set) {
    JwksOutcome outcome = keys(issuer);
    outcome.problem = std::move(set.error().text);
    return outcome;
  }
  trusted.replace_keys(*std::move(set));
  return keys(issuer);
}

JwksOutcome JwtVerifier::keys(std::size_t issuer) const {
  const auto set = impl_->issuer(issuer).keys();
  return {{}, set->size(), set->skipped()};
}

}  // namespace hearth
