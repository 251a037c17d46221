#include "hearth/jwt_signer.hpp"

#include "auth/algorithms.hpp"
#include "auth/ecdsa_signature.hpp"
#include "auth/key_kind.hpp"
#include "auth/pem.hpp"
#include "crypto/base64.hpp"

#include <openssl/hmac.h>
#include <boost/json/serialize.hpp>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace hearth {
namespace {

using auth::AlgorithmTraits;
using auth::SignatureFamily;
using Context = std::unique_ptr<EVP_MD_CTX, crypto::OpenSslFree<EVP_MD_CTX_free>>;

[[noreturn]] void refuse(const std::string& text) {
  throw std::invalid_argument("hearth: the key to sign with " + text);
}

std::string encode(std::string_view text) { return crypto::encode_base64url(crypto::as_bytes(text)); }

/// What every token begins with.
std::string encoded_header(const AlgorithmTraits& algorithm, std::string_view kid) {
  boost::json::object header{{"alg", algorithm.name}, {"typ", "JWT"}};
  if (!kid.empty()) header["kid"] = kid;
  return encode(boost::json::serialize(header)) + '.';
}

}  // namespace

class JwtSigner::Impl {
 public:
  Impl(const AlgorithmTraits& algorithm, std::string_view key, std::string_view kid)
      : algorithm_(algorithm), header_(encoded_header(algorithm, kid)) {
    if (algorithm.family == SignatureFamily::hmac) {
      take_secret(key);
    } else {
      take_private_key(key);
    }
  }
  ~Impl() { OPENSSL_cleanse(secret_.data(), secret_.size()); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string sign(const boost::json::object& claims) const {
    const std::string text = header_ + encode(boost::json::serialize(claims));
    return text + '.' + encode(key_ ? signature(text) : hmac(text));
  }

 private:
  void take_secret(std::string_view key) {
    if (auth::looks_like_pem(key)) refuse("is PEM; " + std::string(algorithm_.name) + " is for a secret");
    if (key.size() < algorithm_.hash_size) refuse(auth::too_short(key.size(), algorithm_.algorithm).text);
    secret_ = key;
  }

  void take_private_key(std::string_view pem) {
    auto key = auth::private_key_in_pem(pem);
    if (!key) refuse(key.error().text);
    const auth::KeyKind kind(key->get());
    if (!kind.is_for(algorithm_.algorithm)) {
      refuse("is " + kind.description() + ", which is not for " + std::string(algorithm_.name));
    }
    if (const auto weakness = kind.weakness()) refuse(weakness->text);
    key_ = *std::move(key);
  }

  std::string hmac(std::string_view text) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    std::size_t size = 0;
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, algorithm_.digest, nullptr, secret_.data(), secret_.size(),
                  crypto::as_bytes(text).data(), text.size(), mac.data(), mac.size(), &size) == nullptr) {
      crypto::openssl_failed("sign a token");
    }
    return {mac.data(), mac.data() + size};
  }

  std::string signature(std::string_view text) const {
    const Context context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), &parameters, algorithm_.digest, nullptr, nullptr, key_.get(), nullptr) !=
            1 ||
        !auth::set_padding(parameters, algorithm_) ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       crypto::as_bytes(text).data(), text.size()) != 1) {
      crypto::openssl_failed("sign a token");
    }
    signature.resize(size);
    if (algorithm_.family != SignatureFamily::ecdsa) return signature;
    auto raw = auth::ecdsa_from_der(signature, algorithm_);
    if (!raw) crypto::openssl_failed("sign a token");
    return *std::move(raw);
  }

  const AlgorithmTraits& algorithm_;
  std::string header_;
  std::string secret_;       // of HMAC
  crypto::PkeyPointer key_;  // of all others
};

JwtSigner::JwtSigner(JwtAlgorithm algorithm, std::string_view key, std::string_view kid)
    : impl_(std::make_unique<Impl>(auth::traits(algorithm), key, kid)) {}
JwtSigner::JwtSigner(JwtSigner&&) noexcept = default;
JwtSigner& JwtSigner::operator=(JwtSigner&&) noexcept = default;
JwtSigner::~JwtSigner() = default;

std::string JwtSigner::sign(const boost::json::object& claims) const { return impl_->sign(claims); }

}  // namespace hearth
