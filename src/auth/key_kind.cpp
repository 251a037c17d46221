#include "auth/key_kind.hpp"

#include "auth/verification_key.hpp"
#include "crypto/openssl.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>

namespace hearth::auth {
namespace {

using Number = std::unique_ptr<BIGNUM, crypto::OpenSslFree<BN_free>>;

/// With an exponent of 1 everybody can sign, even ones are none, and long ones make a verification slow.
constexpr int kMostExponentBits = 33;

bool is_bad_exponent(const EVP_PKEY* key) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &found) != 1) return true;
  const Number exponent(found);
  return !BN_is_odd(found) || BN_is_one(found) || BN_num_bits(found) > kMostExponentBits;
}

std::string group_of(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  // Fails for curves that are written out as numbers.
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) {
    ERR_clear_error();
    return {};
  }
  return {name.data(), size};
}

/// `P-256`, if it is one of NIST's.
std::string curve_name(const std::string& group) {
  if (group.empty()) return "a curve without a name";
  const char* name = EC_curve_nid2nist(OBJ_txt2nid(group.c_str()));
  return name != nullptr ? name : group;
}

}  // namespace

KeyKind::KeyKind(const EVP_PKEY* key) : bits_(EVP_PKEY_get_bits(key)) {
  if (const char* name = EVP_PKEY_get0_type_name(key)) type_ = name;
  if (type_ == "EC") group_ = group_of(key);
  if (type_ == "RSA" || type_ == "RSA-PSS") bad_exponent_ = is_bad_exponent(key);
}

bool KeyKind::is_for(JwtAlgorithm algorithm) const noexcept {
  const AlgorithmTraits& made_of = traits(algorithm);
  switch (made_of.family) {
    case SignatureFamily::hmac:
      break;
    case SignatureFamily::rsa_pkcs1:
      return type_ == "RSA";
    case SignatureFamily::rsa_pss:
      return type_ == "RSA" || type_ == "RSA-PSS";
    case SignatureFamily::ecdsa:
      return type_ == "EC" && group_ == made_of.group;
    case SignatureFamily::eddsa:
      return type_ == "ED25519";
  }
  return false;
}

std::optional<Problem> KeyKind::weakness() const {
  if (type_ != "RSA" && type_ != "RSA-PSS") return std::nullopt;
  if (bits_ < kMinRsaBits) return Problem{"is " + description() + "; at least 2048 are needed (RFC 7518, 3.3)"};
  if (bits_ > kMaxRsaBits) return Problem{"is " + description() + "; at most 8192 are taken"};
  if (bad_exponent_) return Problem{"is an RSA key whose exponent is not odd, or not from 3 to 2^33"};
  return std::nullopt;
}

std::string KeyKind::description() const {
  if (type_ == "EC") return "an EC key on " + curve_name(group_);
  if (type_ == "RSA" || type_ == "RSA-PSS") return "an " + type_ + " key of " + std::to_string(bits_) + " bits";
  return "a key of the kind " + type_;
}

bool set_padding(EVP_PKEY_CTX* context, const AlgorithmTraits& algorithm) noexcept {
  if (algorithm.family == SignatureFamily::rsa_pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  if (algorithm.family != SignatureFamily::rsa_pss) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Problem too_short(std::size_t size, JwtAlgorithm algorithm) {
  const AlgorithmTraits& made_of = traits(algorithm);
  return {"is " + std::to_string(size) + " bytes; " + std::string(made_of.name) + " needs at least " +
          std::to_string(made_of.hash_size) + " (RFC 7518, 3.2)"};
}

}  // namespace hearth::auth
