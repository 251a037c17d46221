#include "crypto/aes_gcm.hpp"

#include "unit/crypto/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::crypto {
namespace {

using test::array_of;
using test::from_hex;
using test::key_of;
using test::to_hex;

struct GcmVector {
  std::string key;
  std::string iv;
  std::string plain;
  std::string additional;
  std::string sealed;  ///< ciphertext and tag
};

const std::string kZeroes(64, '0');
const std::string kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const std::string kPlain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
    "b16aedf5aa0de657ba637b391aafd255";
const std::string kCiphertext =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
    "c5f61e6393ba7a0abcc9f662898015ad";

// D. McGrew, J. Viega: The Galois/Counter Mode of Operation, as submitted to NIST: test cases 13 to 16.
const std::vector<GcmVector> kVectors{
    {kZeroes, std::string(24, '0'), "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {kZeroes, std::string(24, '0'), std::string(32, '0'), "",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {kKey, "cafebabefacedbaddecaf888", kPlain, "", kCiphertext + "b094dac5d93471bdec1a502270e3cc6c"},
    {kKey, "cafebabefacedbaddecaf888", kPlain.substr(0, 120), "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     kCiphertext.substr(0, 120) + "76fc6ece0f4e1768cddf8853bb2d551b"}};

std::string seal(AesGcm& cipher, const AesKey& key, const GcmVector& vector) {
  const auto plain = from_hex(vector.plain);
  std::vector<std::uint8_t> out(plain.size() + kTagSize);
  cipher.seal(key, array_of<Iv>(vector.iv), plain, out.data(), from_hex(vector.additional));
  return to_hex(out);
}

std::string open(AesGcm& cipher, const AesKey& key, const GcmVector& vector) {
  const auto sealed = from_hex(vector.sealed);
  std::vector<std::uint8_t> out(sealed.size() - kTagSize);
  const bool good = cipher.open(key, array_of<Iv>(vector.iv), sealed, out.data(), from_hex(vector.additional));
  return good ? to_hex(out) : "refused";
}

TEST(AesGcm, GivesTheTestVectorsOfItsStandard) {
  for (const GcmVector& vector : kVectors) {
    AesGcm cipher;
    const AesKey key = key_of(vector.key);
    EXPECT_EQ(seal(cipher, key, vector), vector.sealed);
    EXPECT_EQ(open(cipher, key, vector), vector.plain);
  }
}

TEST(AesGcm, GivesThemWhenKeysTakeTurns) {
  AesGcm cipher;
  std::vector<AesKey> keys;
  for (const GcmVector& vector : kVectors) keys.push_back(key_of(vector.key));
  for (int turn = 0; turn < 3; ++turn) {
    for (std::size_t i = 0; i < kVectors.size(); ++i) {
      EXPECT_EQ(seal(cipher, keys[i], kVectors[i]), kVectors[i].sealed);
      EXPECT_EQ(seal(cipher, keys[i], kVectors[i]), kVectors[i].sealed) << "again, with the key set up";
      EXPECT_EQ(open(cipher, keys[i], kVectors[i]), kVectors[i].plain);
    }
  }
}

TEST(AesGcm, RefusesEveryChangedBit) {
  AesGcm cipher;
  const AesKey key = key_of(kKey);
  const GcmVector& vector = kVectors.back();
  const auto sealed = from_hex(vector.sealed);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    GcmVector wrong = vector;
    wrong.sealed = to_hex(changed);
    ASSERT_EQ(open(cipher, key, wrong), "refused") << bit;
  }
  EXPECT_EQ(open(cipher, key, vector), vector.plain) << "after those it still opens what is right";
}

TEST(AesGcm, RefusesOtherAdditionalDataAndOtherIvs) {
  AesGcm cipher;
  const AesKey key = key_of(kKey);
  GcmVector wrong = kVectors.back();
  wrong.additional += "00";
  EXPECT_EQ(open(cipher, key, wrong), "refused");
  wrong = kVectors.back();
  wrong.iv = "cafebabefacedbaddecaf889";
  EXPECT_EQ(open(cipher, key, wrong), "refused");
}

TEST(AesGcm, WorksOnAfterAKeyWasForgotten) {
  AesGcm cipher;
  const AesKey key = key_of(kKey);
  EXPECT_EQ(seal(cipher, key, kVectors[2]), kVectors[2].sealed);
  cipher.forget(key);
  EXPECT_EQ(seal(cipher, key, kVectors[2]), kVectors[2].sealed);
  EXPECT_EQ(open(cipher, key, kVectors[2]), kVectors[2].plain);
  cipher.forget(key);
  EXPECT_EQ(open(cipher, key, kVectors[2]), kVectors[2].plain);
}

TEST(Secret, IsWipedWhenItGoesAndWhenItMoves) {
  alignas(AesKey) std::array<std::uint8_t, sizeof(AesKey)> memory;
  auto* key = new (memory.data()) AesKey(key_of(kKey));
  AesKey moved(std::move(*key));
  EXPECT_EQ(to_hex(memory), kZeroes);
  EXPECT_EQ(to_hex(moved.bytes()), kKey);
  *key = std::move(moved);
  EXPECT_EQ(to_hex(moved.bytes()), kZeroes);
  EXPECT_EQ(to_hex(memory), kKey);
  key->~Secret();
  EXPECT_EQ(to_hex(memory), kZeroes);
}

}  // namespace
}  // namespace hearth::crypto
