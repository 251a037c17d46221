#include "commands/commands.hpp"
#include "commands/config_flags.hpp"
#include "commands/token_claims.hpp"
#include "commands/verifier.hpp"
#include "config/load.hpp"
#include "config/units.hpp"
#include "hearth/jwt.hpp"
#include "hearth/jwt_signer.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace hearth::app {

namespace {

struct TokenArguments {
  std::optional<std::string> config{};
  std::string user{};
  std::string ttl{"1h"};
  std::string claims{"{}"};
  std::string issuer{};
  std::string key{};
  std::string algorithm{};
};

struct VerifyArguments {
  std::optional<std::string> config{};
  std::string token{};
};

/// Wrong arguments, for which the exit code is 2.
struct Refusal {
  std::string text;
};

int refuse(const Refusal& refusal) {
  constexpr std::string_view kOfLibrary = "hearth: ";
  std::string_view text = refusal.text;
  if (text.starts_with(kOfLibrary)) text.remove_prefix(kOfLibrary.size());
  std::cerr << "hearth token: " << text << '\n';
  return 2;
}

bool has_secret(const config::JwtConfig& jwt) { return !jwt.secret.empty(); }

/// The issuer that a token is to be of: the one that is named, or the first that a key is at hand for.
const config::JwtConfig* choose_issuer(const config::Config& config, const TokenArguments& arguments) {
  const auto& all = config.auth.jwt;
  const auto found = std::find_if(all.begin(), all.end(), [&](const config::JwtConfig& jwt) {
    if (!arguments.issuer.empty()) return jwt.issuer == arguments.issuer;
    if (arguments.key.empty()) return has_secret(jwt);
    return std::find(jwt.algorithms.begin(), jwt.algorithms.end(), arguments.algorithm) != jwt.algorithms.end();
  });
  return found != all.end() ? &*found : nullptr;
}

std::string read_key(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file.is_open()) throw Refusal{"--key: " + name + " cannot be read: " + std::generic_category().message(errno)};
  return {std::istreambuf_iterator<char>(file), {}};
}

JwtSigner signer_of(const config::JwtConfig* issuer, const TokenArguments& arguments) {
  if (!arguments.key.empty()) {
    const auto algorithm = jwt_algorithm(arguments.algorithm);
    if (!algorithm) throw Refusal{"--key needs --alg, the algorithm to sign with, such as ES256"};
    return {*algorithm, read_key(arguments.key)};
  }
  if (issuer == nullptr || !has_secret(*issuer)) {
    throw Refusal{"the configuration has no secret to sign with" +
                  (arguments.issuer.empty() ? std::string() : " for the issuer " + arguments.issuer) +
                  "; give the private key of your issuer by --key FILE --alg ALG"};
  }
  const std::string& name = arguments.algorithm.empty() ? issuer->algorithms.front() : arguments.algorithm;
  if (std::find(issuer->algorithms.begin(), issuer->algorithms.end(), name) == issuer->algorithms.end()) {
    throw Refusal{"--alg: " + name + " is not in auth.jwt.algorithms, so that nobody would take the token"};
  }
  return {*jwt_algorithm(name), issuer->secret.front()};
}

std::chrono::seconds lifetime_of(const TokenArguments& arguments) {
  const auto ttl = config::parse_duration(arguments.ttl);
  if (!ttl || *ttl < std::chrono::seconds(1)) {
    throw Refusal{"--ttl: `" + arguments.ttl + "` is no duration of 1s or more; give one such as 1h, 30m or 7d"};
  }
  return std::chrono::duration_cast<std::chrono::seconds>(*ttl);
}

std::string make_token(const config::Config& config, const TokenArguments& arguments) {
  const config::JwtConfig* issuer = choose_issuer(config, arguments);
  const JwtSigner signer = signer_of(issuer, arguments);
  TokenClaims claims(arguments.claims);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  claims.add("iat", now.time_since_epoch().count());
  claims.add("exp", (now + lifetime_of(arguments)).time_since_epoch().count());
  if (issuer != nullptr && issuer->issuer) claims.add("iss", boost::json::value(*issuer->issuer));
  if (issuer != nullptr && !issuer->audience.empty()) claims.add("aud", boost::json::value(issuer->audience.front()));
  if (!arguments.user.empty())
    claims.set(issuer != nullptr ? issuer->user_claim : "sub", boost::json::value(arguments.user));
  return signer.sign(claims.object());
}

int run_token(const TokenArguments& arguments) {
  // With a key of one's own there need be no configuration.
  const config::Loaded loaded =
      config::load({.file = arguments.config, .variables = config::environment(), .is_dev = !arguments.key.empty()});
  if (!loaded.is_good()) {
    config::print(std::cerr, loaded.problems);
    return 2;
  }
  try {
    std::cout << make_token(loaded.config, arguments) << std::endl;
    if (arguments.user.empty() && arguments.claims == TokenArguments().claims) {
      std::cerr << "hearth token: warning: it names no user, so that a server refuses it; --user says whose it is\n";
    }
    return 0;
  } catch (const Refusal& refusal) {
    return refuse(refusal);
  } catch (const std::invalid_argument& error) {
    return refuse({error.what()});
  }
}

std::string_view word_of(JwtCheck::Outcome outcome) {
  switch (outcome) {
    case JwtCheck::Outcome::passed:
      return "passed";
    case JwtCheck::Outcome::failed:
      return "FAILED";
    case JwtCheck::Outcome::skipped:
      return "skipped";
  }
  return {};
}

int run_verify(const VerifyArguments& arguments) {
  const config::Loaded loaded = config::load({.file = arguments.config, .variables = config::environment()});
  if (!loaded.is_good()) {
    config::print(std::cerr, loaded.problems);
    return 2;
  }
  if (loaded.config.auth.jwt.empty()) return refuse({"the configuration has no [[auth.jwt]] to verify a token with"});
  std::string token = arguments.token;
  if (token == "-") std::getline(std::cin, token);
  const auto verifier = verifier_of(loaded.config.auth);
  const JwtExplanation explanation = verifier->explain(token);
  for (const JwtCheck& check : explanation.checks) {
    std::cout << fmt::format("{:<8} {:<12} {}\n", word_of(check.outcome), check.name, check.text);
  }
  if (!explanation.result) {
    std::cout << "refused: " << to_string(explanation.result.error().reason) << '\n';
    return 1;
  }
  std::cout << "good: the user is " << explanation.result->user_id << '\n';
  return 0;
}

void describe_token(CLI::App& token, TokenArguments& arguments) {
  token.add_option("--user", arguments.user, "Whose token it is");
  token.add_option("--ttl", arguments.ttl, "How long it is good for: 30s, 1h, 7d")->capture_default_str();
  token.add_option("--claims", arguments.claims, "More claims, a JSON object")->capture_default_str();
  token.add_option("--issuer", arguments.issuer,
                   "Which [[auth.jwt]], by its issuer; otherwise the first with a secret");
  token.add_option("--key", arguments.key, "Sign with the private key in this PEM file instead; needs --alg");
  token.add_option("--alg", arguments.algorithm, "Algorithm to sign with; otherwise the first of the issuer");
  add_config_flag(token, arguments.config);
  token.footer(R"--(Examples:
  hearth token --user ann
  hearth token --user ann --ttl 10m --claims '{"hearth":{"join":["chat:*"],"publish":["chat:*"]}}'
  hearth token verify "$(hearth token --user ann)"
Exit code: 0; 1 if a token is refused; 2 if the arguments or the configuration are wrong.)--");
}

void describe_verify(CLI::App& verify, VerifyArguments& arguments) {
  verify.add_option("token", arguments.token, "The token; - reads it from standard input")->required();
  add_config_flag(verify, arguments.config);
}

}  // namespace

void add_token(CommandList& commands) {
  CLI::App& token =
      commands.add<TokenArguments>("token", "Make a token to try things out with", describe_token, run_token);
  commands.add_below<VerifyArguments>(token, "verify", "Say of each check whether a token passes it", describe_verify,
                                      run_verify);
}

}  // namespace hearth::app
