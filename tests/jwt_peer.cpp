// Verifies and makes tokens, driven over standard input and output by tests written elsewhere: a line is a JSON
// command, its answer a line too.
//
//   {"do":"trust","algorithms":[…],"secret":[…],"publicKey":[…],"jwks":…,…}  → {"keys":1,"skipped":[]} or {"error":…}
//   {"do":"verify","token":…}                                               → {"userId":…,"claims":…} or {"reason":…}
//   {"do":"sign","algorithm":…,"key":…,"kid":…,"claims":…}                  → {"token":…} or {"error":…}

#include "hearth/jwt.hpp"
#include "hearth/jwt_signer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;

std::string text_at(const json::object& command, std::string_view key) {
  const auto* value = command.if_contains(key);
  return std::string(value != nullptr ? std::string_view(value->as_string()) : std::string_view());
}

std::vector<std::string> texts_at(const json::object& command, std::string_view key) {
  std::vector<std::string> texts;
  if (const auto* value = command.if_contains(key)) {
    for (const json::value& text : value->as_array()) texts.emplace_back(text.as_string());
  }
  return texts;
}

hearth::JwtAlgorithm algorithm_of(std::string_view name) {
  const auto algorithm = hearth::jwt_algorithm(name);
  if (!algorithm) throw std::invalid_argument("no algorithm " + std::string(name));
  return *algorithm;
}

hearth::JwtIssuer issuer_of(const json::object& command) {
  hearth::JwtIssuer issuer;
  for (const std::string& name : texts_at(command, "algorithms")) issuer.algorithms.push_back(algorithm_of(name));
  issuer.secret = texts_at(command, "secret");
  issuer.public_key = texts_at(command, "publicKey");
  if (command.contains("jwks")) issuer.jwks = text_at(command, "jwks");
  issuer.issuer = text_at(command, "issuer");
  issuer.audience = texts_at(command, "audience");
  return issuer;
}

json::object trust(std::optional<hearth::JwtVerifier>& verifier, const json::object& command) {
  verifier.emplace(std::vector{issuer_of(command)});
  const hearth::JwksOutcome outcome = verifier->keys(0);
  json::array skipped;
  for (const hearth::SkippedJwk& key : outcome.skipped) skipped.emplace_back(key.text);
  return {{"keys", outcome.keys}, {"skipped", std::move(skipped)}};
}

json::object verify(const hearth::JwtVerifier& verifier, const json::object& command) {
  auto result = verifier.verify(text_at(command, "token"));
  if (!result) return {{"reason", to_string(result.error().reason)}, {"text", result.error().text}};
  return {{"userId", result->user_id}, {"claims", std::move(result->claims)}};
}

json::object sign(const json::object& command) {
  const hearth::JwtSigner signer(algorithm_of(text_at(command, "algorithm")), text_at(command, "key"),
                                 text_at(command, "kid"));
  return {{"token", signer.sign(command.at("claims").as_object())}};
}

json::object answer(std::optional<hearth::JwtVerifier>& verifier, const json::object& command) {
  const std::string what = text_at(command, "do");
  try {
    if (what == "trust") return trust(verifier, command);
    if (what == "sign") return sign(command);
    return verify(verifier.value(), command);
  } catch (const std::invalid_argument& error) {
    return {{"error", error.what()}};
  }
}

}  // namespace

int main() {
  try {
    std::optional<hearth::JwtVerifier> verifier;
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << json::serialize(answer(verifier, json::parse(line).as_object())) << std::endl;
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "jwt_peer: " << error.what() << '\n';
    return 1;
  }
}
