#include "auth/jwk.hpp"

#include "auth/algorithms.hpp"
#include "auth/shown.hpp"
#include "crypto/base64.hpp"

#include <boost/json/value.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::auth {
namespace {

namespace json = boost::json;
using crypto::OpenSslFree;
using crypto::PkeyPointer;
using Number = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, OpenSslFree<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, OpenSslFree<OSSL_PARAM_free>>;

constexpr std::size_t kEd25519Size = 32;
constexpr std::size_t kMostRsaBytes = kMaxRsaBits / 8;

std::optional<std::string_view> text_at(const json::object& jwk, std::string_view member) {
  const json::value* found = jwk.if_contains(member);
  const json::string* text = found != nullptr ? found->if_string() : nullptr;
  return text != nullptr ? std::optional(std::string_view(*text)) : std::nullopt;
}

Parsed<std::string> bytes_at(const json::object& jwk, std::string_view member) {
  const auto text = text_at(jwk, member);
  auto bytes = text ? crypto::decode_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) return Problem{"its `" + std::string(member) + "` is missing or not base64url"};
  return {boost::system::in_place_value, *std::move(bytes)};
}

PkeyPointer make_key(const char* type, const OSSL_PARAM* parameters) {
  const crypto::PkeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  // The parameters are only read.
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return PkeyPointer(key);
}

Parsed<PkeyPointer> read_rsa(const json::object& jwk) {
  const auto modulus = bytes_at(jwk, "n");
  if (!modulus) return modulus.error();
  const auto exponent = bytes_at(jwk, "e");
  if (!exponent) return exponent.error();
  // A zero in front may stand for nothing.
  if (modulus->size() > kMostRsaBytes + 1 || exponent->size() > kMostRsaBytes)
    return Problem{"is an RSA key that is too long"};
  const auto number = [](const std::string& bytes) {
    return Number(BN_bin2bn(crypto::as_bytes(bytes).data(), static_cast<int>(bytes.size()), nullptr));
  };
  const Number n = number(*modulus);
  const Number e = number(*exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || !n || !e || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    crypto::openssl_failed("hold a key");
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  if (!parameters) crypto::openssl_failed("hold a key");
  PkeyPointer key = make_key("RSA", parameters.get());
  if (!key) return Problem{"its `n` and `e` are no RSA key"};
  return key;
}

Parsed<PkeyPointer> read_ec(const json::object& jwk) {
  struct Curve {
    std::string_view name;
    const char* group;
    std::size_t size;
  };
  static constexpr std::array<Curve, 3> kCurves{
      {{"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}}};
  const auto name = text_at(jwk, "crv");
  const auto* curve =
      std::find_if(kCurves.begin(), kCurves.end(), [&](const Curve& known) { return name && known.name == *name; });
  if (curve == kCurves.end())
    return Problem{"its curve " + shown(name.value_or("")) + " is none of P-256, P-384, P-521"};
  const auto x = bytes_at(jwk, "x");
  if (!x) return x.error();
  const auto y = bytes_at(jwk, "y");
  if (!y) return y.error();
  if (x->size() != curve->size || y->size() != curve->size) {
    return Problem{"its `x` and `y` are not " + std::to_string(curve->size) + " bytes each (RFC 7518, 6.2.1)"};
  }
  std::string point = '\x04' + *x + *y;
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve->group), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  PkeyPointer key = make_key("EC", parameters.data());
  if (!key) return Problem{"its point is not on " + std::string(curve->name)};
  return key;
}

Parsed<PkeyPointer> read_okp(const json::object& jwk) {
  const auto curve = text_at(jwk, "crv");
  if (curve != "Ed25519") return Problem{"its curve " + shown(curve.value_or("")) + " is not Ed25519"};
  const auto x = bytes_at(jwk, "x");
  if (!x) return x.error();
  if (x->size() != kEd25519Size) return Problem{"its `x` is not 32 bytes"};
  PkeyPointer key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, crypto::as_bytes(*x).data(), x->size()));
  if (!key) {
    ERR_clear_error();
    return Problem{"its `x` is no key of Ed25519"};
  }
  return key;
}

/// Why a key that is good in itself is not for this (RFC 7517, 4.2 and 4.3).
std::optional<Problem> other_purpose(const json::object& jwk) {
  if (jwk.contains("use") && text_at(jwk, "use") != "sig") return Problem{"its `use` is not `sig`"};
  const json::value* operations = jwk.if_contains("key_ops");
  if (operations == nullptr) return std::nullopt;
  const json::array* list = operations->if_array();
  if (list == nullptr || std::find(list->begin(), list->end(), json::value("verify")) == list->end()) {
    return Problem{"its `key_ops` do not have `verify`"};
  }
  return std::nullopt;
}

/// The algorithms that a key may be used with: its `alg`, or all (RFC 7517, 4.4).
Parsed<std::vector<JwtAlgorithm>> allowed(const json::object& jwk, std::span<const JwtAlgorithm> algorithms) {
  if (!jwk.contains("alg")) return std::vector<JwtAlgorithm>(algorithms.begin(), algorithms.end());
  const auto name = text_at(jwk, "alg");
  const auto algorithm = name ? jwt_algorithm(*name) : std::nullopt;
  if (!algorithm || std::find(algorithms.begin(), algorithms.end(), *algorithm) == algorithms.end()) {
    return Problem{"its `alg` " + shown(name.value_or("")) + " is none of " + names(algorithms)};
  }
  return std::vector<JwtAlgorithm>{*algorithm};
}

}  // namespace

Parsed<VerificationKey> read_jwk(const json::object& jwk, std::span<const JwtAlgorithm> algorithms) {
  if (auto problem = other_purpose(jwk)) return *std::move(problem);
  const auto usable = allowed(jwk, algorithms);
  if (!usable) return usable.error();
  const auto type = text_at(jwk, "kty");
  if (type == "oct") {
    const auto secret = bytes_at(jwk, "k");
    if (!secret) return secret.error();
    return VerificationKey::of_secret(*secret, *usable);
  }
  if (type != "RSA" && type != "EC" && type != "OKP") {
    return Problem{"its `kty` " + shown(type.value_or("")) + " is none of RSA, EC, OKP, oct"};
  }
  if (jwk.contains("d")) return Problem{"is a private key, which everybody who reads the set could sign with"};
  auto key = type == "RSA" ? read_rsa(jwk) : type == "EC" ? read_ec(jwk) : read_okp(jwk);
  if (!key) return key.error();
  return VerificationKey::of_public_key(*std::move(key), *usable);
}

}  // namespace hearth::auth
