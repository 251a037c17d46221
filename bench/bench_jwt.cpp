// What it costs to verify a token, and to refuse one.

#include "auth/algorithms.hpp"
#include "crypto/openssl.hpp"
#include "hearth/jwt.hpp"
#include "hearth/jwt_signer.hpp"

#include <benchmark/benchmark.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <boost/json/parse.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace hearth;
using auth::SignatureFamily;
using crypto::OpenSslFree;
using Bio = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;

constexpr std::string_view kSecret = "a secret of more than sixty-four bytes, which is enough for any of them";
constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'800'000'000)};

struct Pems {
  std::string private_key;
  std::string public_key;
};

std::string text_of(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

crypto::PkeyPointer generate(const auth::AlgorithmTraits& algorithm) {
  switch (algorithm.family) {
    case SignatureFamily::ecdsa:
      return crypto::PkeyPointer(EVP_EC_gen(algorithm.group));
    case SignatureFamily::eddsa:
      return crypto::PkeyPointer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    default:
      return crypto::PkeyPointer(EVP_RSA_gen(2048));
  }
}

const Pems& pems(const auth::AlgorithmTraits& algorithm) {
  static std::map<std::string, Pems> made;
  const std::string kind = algorithm.family == SignatureFamily::ecdsa   ? algorithm.group
                           : algorithm.family == SignatureFamily::eddsa ? "Ed25519"
                                                                        : "RSA";
  const auto [at, is_new] = made.try_emplace(kind);
  if (is_new) {
    const crypto::PkeyPointer key = generate(algorithm);
    const Bio private_key(BIO_new(BIO_s_mem()));
    const Bio public_key(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(private_key.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_bio_PUBKEY(public_key.get(), key.get());
    at->second = {text_of(private_key), text_of(public_key)};
  }
  return at->second;
}

JwtSigner signer(const auth::AlgorithmTraits& algorithm) {
  const bool hmac = algorithm.family == SignatureFamily::hmac;
  return JwtSigner(algorithm.algorithm, hmac ? std::string(kSecret) : pems(algorithm).private_key);
}

JwtVerifier verifier(const auth::AlgorithmTraits& algorithm) {
  JwtIssuer issuer{.algorithms = {algorithm.algorithm}, .issuer = "https://id.example.com", .audience = {"hearth"}};
  if (algorithm.family == SignatureFamily::hmac) {
    issuer.secret = {std::string(kSecret)};
  } else {
    issuer.public_key = {pems(algorithm).public_key};
  }
  return JwtVerifier({std::move(issuer)});
}

/// What an identity provider writes, and a few grants.
const boost::json::object kClaims =
    boost::json::parse(R"({"iss":"https://id.example.com","aud":"hearth","sub":"auth0|507f1f77bcf86cd799439011",
      "exp":1800003600,"iat":1800000000,"jti":"3f1c7e0a-8d2b-4c58-9c2f-0f6f0c1c2d3e","email":"ann@example.com",
      "hearth":{"join":["chat:42","team:7:**"],"publish":["chat:42"],"autoJoin":["team:7:general"]}})")
        .as_object();

void verify(benchmark::State& state, JwtAlgorithm algorithm) {
  const JwtVerifier verifying = verifier(auth::traits(algorithm));
  const std::string token = signer(auth::traits(algorithm)).sign(kClaims);
  if (!verifying.verify(token, kNow)) return state.SkipWithError("the token is refused");
  for (auto _ : state) benchmark::DoNotOptimize(verifying.verify(token, kNow));
  state.counters["each second"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// Refused before its signature is looked at.
void refuse_algorithm(benchmark::State& state) {
  const JwtVerifier verifying = verifier(auth::traits(JwtAlgorithm::es256));
  const std::string token = signer(auth::traits(JwtAlgorithm::hs256)).sign(kClaims);
  for (auto _ : state) benchmark::DoNotOptimize(verifying.verify(token, kNow));
}

void refuse_garbage(benchmark::State& state) {
  const JwtVerifier verifying = verifier(auth::traits(JwtAlgorithm::es256));
  const std::string token(JwtVerifier::kMaxToken, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(verifying.verify(token, kNow));
}

void sign(benchmark::State& state, JwtAlgorithm algorithm) {
  const JwtSigner signing = signer(auth::traits(algorithm));
  for (auto _ : state) benchmark::DoNotOptimize(signing.sign(kClaims));
}

}  // namespace

int main(int argc, char** argv) {
  for (const auth::AlgorithmTraits& algorithm : auth::all_algorithms()) {
    benchmark::RegisterBenchmark(("verify/" + std::string(algorithm.name)).c_str(), verify, algorithm.algorithm)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::RegisterBenchmark("refuse/algorithm", refuse_algorithm)->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("refuse/garbage", refuse_garbage)->Unit(benchmark::kMicrosecond);
  for (const JwtAlgorithm algorithm :
       {JwtAlgorithm::hs256, JwtAlgorithm::rs256, JwtAlgorithm::es256, JwtAlgorithm::eddsa}) {
    benchmark::RegisterBenchmark(("sign/" + std::string(to_string(algorithm))).c_str(), sign, algorithm)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
