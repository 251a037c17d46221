// Reads any bytes as a token, as what a well-signed token says, and as a key set. The first byte says as which.

#include "auth/shown.hpp"
#include "crypto/base64.hpp"
#include "hearth/jwt.hpp"
#include "input.hpp"
#include "protocol/json.hpp"
#include "protocol/utf8.hpp"
#include "require.hpp"

#include <openssl/evp.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hearth;

using hearth::fuzz::require;

constexpr std::string_view kSecret = "a secret that never changes, so that a corpus keeps its meaning";
constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'800'000'000)};

// The keys of RFC 7515, A.2 and A.3, and of RFC 8037, A.2.
constexpr std::string_view kSet =
    R"({"keys":[{"kid":"r","kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-)"
    R"(Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5)"
    R"(z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9)"
    R"(_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},{"kid":"e","kty":"EC","crv":"P-256",)"
    R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
    R"({"kid":"o","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

const std::vector<JwtAlgorithm> kPublic{JwtAlgorithm::rs256, JwtAlgorithm::ps256, JwtAlgorithm::es256,
                                        JwtAlgorithm::eddsa};

JwtVerifier make_verifier() {
  return JwtVerifier({{.secret = {std::string(kSecret)}, .algorithms = {JwtAlgorithm::hs256}, .issuer = "us"},
                      {.jwks = std::string(kSet),
                       .algorithms = kPublic,
                       .issuer = "joe",
                       .user_claim = "/iss",
                       .require_exp = false}});
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void check_refusal(const JwtRefusal& refusal) {
  require(!refusal.text.empty() && refusal.text.size() < 2000, "a refusal has a text, and a short one");
  require(is_one_line(refusal.text) && protocol::is_valid_utf8(refusal.text), "which is one line");
}

/// Whether no object in valid JSON has a key twice: the slow way.
bool has_keys_once(std::string_view json) {
  std::set<std::string, std::less<>> keys;
  std::string scratch;
  for (protocol::ObjectCursor at(json); at.next();) {
    if (!keys.emplace(protocol::unescape(at.key(), scratch)).second || !has_keys_once(at.value())) return false;
  }
  for (protocol::ArrayCursor at(json); at.next();) {
    if (!has_keys_once(at.value())) return false;
  }
  return true;
}

void check_accepted(const VerifiedJwt& jwt, std::string_view token) {
  require(!jwt.user_id.empty() && protocol::utf16_length(jwt.user_id) <= 256, "a user id has 1 to 256 characters");
  require(jwt.grants.join.size() <= Grants::kMaxPatterns && jwt.grants.auto_join.size() <= Grants::kMaxPatterns,
          "grants are bounded");
  const std::size_t dot = token.find('.');
  const auto header = crypto::decode_base64url(token.substr(0, dot));
  const auto payload = crypto::decode_base64url(token.substr(dot + 1, token.rfind('.') - dot - 1));
  require(header && payload && has_keys_once(*header) && has_keys_once(*payload), "no key is there twice");
  require(boost::json::value(jwt.claims) == boost::json::parse(*payload), "the claims are those of the payload");
}

void check_token(const JwtVerifier& verifier, std::string_view token) {
  const JwtResult result = verifier.verify(token, kNow);
  const JwtExplanation explanation = verifier.explain(token, kNow);
  require(result.has_value() == explanation.result.has_value(), "an explanation comes to the same end");
  for (const JwtCheck& check : explanation.checks) require(is_one_line(check.text), "each check says one line");
  if (result) {
    check_accepted(*result, token);
  } else {
    check_refusal(result.error());
    require(result.error().text == explanation.result.error().text, "and for the same reason");
  }
}

std::string encoded(std::string_view text) { return crypto::encode_base64url(crypto::as_bytes(text)); }

std::string signed_token(std::string_view header, std::string_view payload) {
  const std::string text = encoded(header) + '.' + encoded(payload);
  std::array<unsigned char, 32> mac;
  std::size_t size = 0;
  EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, kSecret.data(), kSecret.size(), crypto::as_bytes(text).data(),
            text.size(), mac.data(), mac.size(), &size);
  return text + '.' + crypto::encode_base64url(mac);
}

void check_key_set(std::string_view text) {
  static JwtVerifier verifier({{.jwks = "",
                                .algorithms = {JwtAlgorithm::hs256, JwtAlgorithm::rs256, JwtAlgorithm::ps512,
                                               JwtAlgorithm::es256, JwtAlgorithm::es512, JwtAlgorithm::eddsa}}});
  const std::size_t before = verifier.keys(0).keys;
  const JwksOutcome outcome = verifier.replace_jwks(0, text);
  if (!outcome.problem.empty()) {
    require(outcome.keys == before, "keys stay if the set is none");
    return;
  }
  require(outcome.keys + outcome.skipped.size() == boost::json::parse(text).at("keys").as_array().size(),
          "each key of a set is taken or left out");
  // Whatever the keys are, nobody has signed this.
  require(!verifier.verify("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIiwiZXhwIjoxOTAwMDAwMDAwfQ.AAAA", kNow), "a forged token");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const JwtVerifier verifier = make_verifier();
  fuzz::Input input(bytes, size);
  switch (input.byte() % 4) {
    case 0:
      check_token(verifier, input.rest());
      break;
    case 1: {
      const std::string_view payload = input.rest();
      check_token(verifier, signed_token(R"({"alg":"HS256"})", payload));
      break;
    }
    case 2: {
      const std::string_view header = input.rest();
      check_token(verifier, signed_token(header, R"({"sub":"ann","iss":"us","exp":1900000000})"));
      break;
    }
    default:
      check_key_set(input.rest());
  }
  return 0;
}
