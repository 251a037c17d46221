#include "protocol/name_hash.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

namespace hearth::protocol {
namespace {

/// SipHash-1-3 as OpenSSL has it.
std::uint64_t reference(const std::array<unsigned char, 16>& key, std::string_view text) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr), EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(mac.get()), EVP_MAC_CTX_free);
  std::size_t size = 8;
  unsigned compression = 1;
  unsigned finalisation = 3;
  const std::array<OSSL_PARAM, 4> parameters{OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                             OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &compression),
                                             OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &finalisation),
                                             OSSL_PARAM_construct_end()};
  std::array<unsigned char, 8> out{};
  EXPECT_EQ(EVP_MAC_init(context.get(), key.data(), key.size(), parameters.data()), 1);
  EXPECT_EQ(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()), 1);
  EXPECT_EQ(EVP_MAC_final(context.get(), out.data(), &size, out.size()), 1);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < out.size(); ++i) hash |= std::uint64_t{out[i]} << (8 * i);
  return hash;
}

TEST(NameHash, IsSipHash13) {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
  const SipKey key{0x0706'0504'0302'0100, 0x0f0e'0d0c'0b0a'0908};
  std::string text;
  for (int length = 0; length <= 64; ++length) {
    EXPECT_EQ(sip_hash(key, text), reference(bytes, text)) << length;
    text += static_cast<char>(length * 37 + 200);
  }
}

TEST(NameHash, DependsOnTheKey) { EXPECT_NE(sip_hash({1, 2}, "room"), sip_hash({1, 3}, "room")); }

TEST(NameHash, IsTheSameThroughoutAProcess) {
  EXPECT_EQ(NameHash()("room"), NameHash()(std::string("ro") + "om"));
  EXPECT_NE(NameHash()("room"), sip_hash({0, 0}, "room")) << "the key is not random";
}

}  // namespace
}  // namespace hearth::protocol
