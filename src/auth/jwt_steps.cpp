// The order of a token's checks, and what is said of them.

#include "auth/algorithms.hpp"
#include "auth/jwt_examination.hpp"
#include "auth/numeric_date.hpp"
#include "auth/shown.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

struct JwtExamination::Step {
  std::string_view name;
  Failure (JwtExamination::*check)();
  std::string (JwtExamination::*describe)() const;
  std::string_view needs;  ///< the step without which this one makes no sense
};

/// The signature comes before what it vouches for, and the algorithm before any key.
std::span<const JwtExamination::Step> JwtExamination::steps() noexcept {
  using Self = JwtExamination;
  static constexpr std::array<Step, 12> kSteps{{
      {"length", &Self::check_length, &Self::describe_length, ""},
      {"form", &Self::check_form, &Self::describe_form, "length"},
      {"header", &Self::check_header, &Self::describe_header, "form"},
      {"issuer", &Self::check_issuer, &Self::describe_issuer, "form"},
      {"algorithm", &Self::check_algorithm, &Self::describe_algorithm, "issuer"},
      {"key", &Self::check_key, &Self::describe_key, "algorithm"},
      {"signature", &Self::check_signature, &Self::describe_signature, "key"},
      {"exp", &Self::check_expiry, &Self::describe_expiry, "issuer"},
      {"nbf", &Self::check_start, &Self::describe_start, "issuer"},
      {"aud", &Self::check_audience, &Self::describe_audience, "issuer"},
      {"user", &Self::check_user, &Self::describe_user, "issuer"},
      {"hearth", &Self::check_grants, &Self::describe_grants, "issuer"},
  }};
  return kSteps;
}

JwtResult JwtExamination::verify() {
  for (const Step& step : steps()) {
    if (auto refusal = (this->*step.check)()) return *std::move(refusal);
  }
  return result();
}

JwtExplanation JwtExamination::explain() {
  using Outcome = JwtCheck::Outcome;
  std::vector<JwtCheck> checks;
  std::optional<JwtRefusal> first;
  for (const Step& step : steps()) {
    const auto* needed = std::find_if(checks.data(), checks.data() + checks.size(),
                                      [&](const JwtCheck& check) { return check.name == step.needs; });
    const bool makes_sense = step.needs.empty() || needed->outcome == Outcome::passed;
    if (!makes_sense) {
      checks.push_back({step.name, Outcome::skipped, {}});
    } else if (auto refusal = (this->*step.check)()) {
      checks.push_back({step.name, Outcome::failed, refusal->text});
      if (!first) first = *std::move(refusal);
    } else {
      checks.push_back({step.name, Outcome::passed, (this->*step.describe)()});
    }
  }
  if (first) return {std::move(checks), *std::move(first)};
  return {std::move(checks), result()};
}

std::string JwtExamination::describe_length() const { return "it is " + std::to_string(token_.size()) + " bytes"; }

std::string JwtExamination::describe_form() const { return "it has a header, a payload and a signature"; }

std::string JwtExamination::describe_header() const { return "it asks for nothing that is not understood"; }

std::string JwtExamination::describe_issuer() const {
  if (settings().issuer.empty()) return "any issuer is taken";
  return "its `iss` is " + shown(settings().issuer);
}

std::string JwtExamination::describe_algorithm() const {
  return "it is signed with " + std::string(traits(*algorithm_).name);
}

std::string JwtExamination::describe_key() const {
  if (kid() && choice_.kid_known) return "there is a key with its `kid` " + shown(*kid());
  const std::size_t count = choice_.count;
  return (count == 1 ? "1 key is" : std::to_string(count) + " keys are") +
         (" for " + std::string(traits(*algorithm_).name));
}

std::string JwtExamination::describe_signature() const { return "it is that of the key"; }

std::string JwtExamination::describe_expiry() const {
  if (!found_.expires_at) return "it does not expire";
  return "it expires at " + to_text(*found_.expires_at) + ", in " +
         std::to_string((*found_.expires_at - now_).count()) + " s";
}

std::string JwtExamination::describe_start() const {
  const boost::json::value* value = claim("nbf");
  return value != nullptr ? "it is valid from " + to_text(*numeric_date(*value)) : "it is valid at once";
}

std::string JwtExamination::describe_audience() const {
  return claim("aud") != nullptr ? "its `aud` names the server" : "it has none, and none is wanted";
}

std::string JwtExamination::describe_user() const { return "the user id is " + shown(found_.user_id); }

std::string JwtExamination::describe_grants() const {
  const ClaimPath& path = issuers_[*issuer_]->hearth_claim();
  const boost::json::value* value = path.find(jws_->payload);
  if (value == nullptr) return "it has no claim " + shown(path.text()) + ", and need not have one";
  const Grants& grants = found_.grants;
  std::string text = "patterns to join: " + std::to_string(grants.join.size()) +
                     ", to publish: " + std::to_string(grants.publish.size()) +
                     ", rooms to be put in: " + std::to_string(grants.auto_join.size());
  for (const std::string& unknown : unknown_grants(*value))
    text += "; " + shown(unknown) + " means nothing and is ignored";
  return text;
}

}  // namespace hearth::auth
