#include "crypto/key_agreement.hpp"

#include "unit/crypto/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::crypto {
namespace {

using test::array_of;
using test::from_hex;
using test::to_hex;

std::string hkdf_hex(std::string_view secret, std::string_view salt, std::string_view info, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  hkdf(from_hex(secret), from_hex(salt), from_hex(info), out);
  return to_hex(out);
}

std::string counted(unsigned first, unsigned last) {
  std::vector<std::uint8_t> bytes;
  for (unsigned byte = first; byte <= last; ++byte) bytes.push_back(static_cast<std::uint8_t>(byte));
  return to_hex(bytes);
}

// RFC 5869, appendix A.1 to A.3.
TEST(Hkdf, GivesTheTestVectorsOfItsStandard) {
  std::string b0b;
  for (int i = 0; i < 22; ++i) b0b += "0b";
  EXPECT_EQ(hkdf_hex(b0b, counted(0x00, 0x0c), counted(0xf0, 0xf9), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(hkdf_hex(counted(0x00, 0x4f), counted(0x60, 0xaf), counted(0xb0, 0xff), 82),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(hkdf_hex(b0b, "", "", 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

struct EcdhVector {
  const char* peer_x;
  const char* peer_y;
  const char* private_key;
  const char* public_x;
  const char* public_y;
  const char* secret;
};

// NIST CAVP, KAS_ECC_CDH_PrimitiveTest, P-256, COUNT 0 and 1.
constexpr EcdhVector kEcdhVectors[] = {{"700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287",
                                        "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
                                        "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
                                        "ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230",
                                        "28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141",
                                        "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
                                       {"809f04289c64348c01515eb03d5ce7ac1a8cb9498f5caa50197e58d43a86a7ae",
                                        "b29d84e811197f25eba8f5194092cb6ff440e26d4421011372461f579271cda3",
                                        "38f65d6dce47676044d58ce5139582d568f64bb16098d179dbab07741dd5caf5",
                                        "119f2f047902782ab0c9e27a54aff5eb9b964829ca99c06b02ddba95b0a3f6d0",
                                        "8f52b726664cac366fc98ac7a012b2682cbd962e5acb544671d41b9445704d1d",
                                        "057d636096cb80b67a8c038c890e887d1adfa4195e9b3ce241c8a778c59cda67"}};

TEST(KeyAgreement, GivesTheTestVectorsOfNist) {
  for (const EcdhVector& vector : kEcdhVectors) {
    const auto pair = KeyPair::from_private_key(from_hex(vector.private_key));
    ASSERT_TRUE(pair);
    EXPECT_EQ(to_hex(pair->public_key()), std::string("04") + vector.public_x + vector.public_y);
    EXPECT_EQ(to_hex(pair->private_key().bytes()), vector.private_key);
    const auto secret = pair->shared_secret(array_of<PublicKey>(std::string("04") + vector.peer_x + vector.peer_y));
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_hex(secret->bytes()), vector.secret);
  }
}

TEST(KeyAgreement, BothSidesDeriveTheSameKeyAndEveryPairIsAnother) {
  const KeyPair one = KeyPair::generate();
  const KeyPair two = KeyPair::generate();
  EXPECT_NE(one.public_key(), two.public_key());
  const Salt salt{7};
  const auto key = one.derive(two.public_key(), salt, "info");
  EXPECT_EQ(key->bytes(), two.derive(one.public_key(), salt, "info")->bytes());
  EXPECT_NE(key->bytes(), one.derive(two.public_key(), salt, "other")->bytes());
  EXPECT_NE(key->bytes(), one.derive(two.public_key(), Salt{8}, "info")->bytes());
}

std::error_code error_of(Bytes key) {
  const auto read = read_public_key(encode_base64(key));
  if (!read) return read.error();
  return KeyPair::generate().shared_secret(*read).error();
}

TEST(KeyAgreement, RefusesPointsThatAreNotOnTheCurve) {
  PublicKey key = KeyPair::generate().public_key();
  for (const std::size_t at : {std::size_t{1}, std::size_t{32}, std::size_t{33}, std::size_t{64}}) {
    PublicKey wrong = key;
    wrong[at] ^= 1;
    EXPECT_EQ(error_of(wrong), Error::point_not_on_curve) << at;
  }
}

TEST(KeyAgreement, RefusesCoordinatesPastTheField) {
  // The point with x = 0, but 0 written as the field's prime; then coordinates that are both past it.
  EXPECT_EQ(error_of(from_hex("04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
                              "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4")),
            Error::point_not_on_curve);
  EXPECT_EQ(error_of(from_hex("04" + std::string(128, 'f'))), Error::point_not_on_curve);
}

TEST(KeyAgreement, RefusesThePointAtInfinity) {
  EXPECT_EQ(error_of(from_hex("00")), Error::wrong_key_size);
  EXPECT_EQ(error_of(from_hex(std::string(130, '0'))), Error::wrong_key_format);
  EXPECT_EQ(error_of(from_hex("04" + std::string(128, '0'))), Error::point_not_on_curve);
}

TEST(KeyAgreement, RefusesCompressedAndHybridPoints) {
  const PublicKey key = KeyPair::generate().public_key();
  std::vector<std::uint8_t> compressed(key.begin(), key.begin() + 33);
  compressed[0] = key[64] % 2 == 0 ? 2 : 3;
  EXPECT_EQ(error_of(compressed), Error::wrong_key_size);
  PublicKey hybrid = key;
  hybrid[0] = key[64] % 2 == 0 ? 6 : 7;
  EXPECT_EQ(error_of(hybrid), Error::wrong_key_format);
}

TEST(KeyAgreement, RefusesTruncatedAndLongerKeys) {
  const PublicKey key = KeyPair::generate().public_key();
  std::vector<std::uint8_t> bytes(key.begin(), key.end());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(error_of(Bytes(bytes).first(size)), Error::wrong_key_size);
  bytes.push_back(0);
  EXPECT_EQ(error_of(bytes), Error::wrong_key_size);
  bytes.resize(1000);
  EXPECT_EQ(error_of(bytes), Error::wrong_key_size);
}

TEST(KeyAgreement, RefusesKeysThatAreNoStrictBase64) {
  const std::string text = encode_base64(KeyPair::generate().public_key());
  EXPECT_EQ(read_public_key(text.substr(0, 87)).error(), Error::invalid_base64);
  EXPECT_EQ(read_public_key(' ' + text.substr(1)).error(), Error::invalid_base64);
  EXPECT_EQ(read_public_key(text.substr(0, 40) + "\n" + text.substr(41)).error(), Error::invalid_base64);
}

TEST(KeyAgreement, RefusesPrivateKeysOutsideOfTheirRange) {
  constexpr auto order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  constexpr auto last = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
  EXPECT_EQ(KeyPair::from_private_key(from_hex(std::string(64, '0'))).error(), Error::invalid_private_key);
  EXPECT_EQ(KeyPair::from_private_key(from_hex(order)).error(), Error::invalid_private_key);
  EXPECT_EQ(KeyPair::from_private_key(from_hex("01")).error(), Error::invalid_private_key);
  EXPECT_TRUE(KeyPair::from_private_key(from_hex(last)));
}

}  // namespace
}  // namespace hearth::crypto
