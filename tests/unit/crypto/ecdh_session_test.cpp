#include "hearth/crypto.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hearth::crypto {
namespace {

struct Pair {
  EcdhSession one = EcdhSession::generate();
  EcdhSession two = EcdhSession::generate();
  Pair() {
    const std::string salt = EcdhSession::make_salt();
    EXPECT_FALSE(one.derive(two.public_key(), salt));
    EXPECT_FALSE(two.derive(one.public_key(), salt));
  }
};

TEST(EcdhSession, OpensWhatTheOtherSideEncrypted) {
  Pair pair;
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("gr\xc3\xbc\xc3\x9f"), std::string(100'000, 'x')}) {
    EXPECT_EQ(*pair.two.decrypt(*pair.one.encrypt(text)), text);
    EXPECT_EQ(*pair.one.decrypt(*pair.two.encrypt(text)), text);
  }
}

TEST(EcdhSession, TakesAnIvOnlyOnce) {
  Pair pair;
  const Payload first = *pair.one.encrypt("same");
  const Payload second = *pair.one.encrypt("same");
  EXPECT_NE(first.iv, second.iv);
  EXPECT_NE(first.ct, second.ct);
}

TEST(EcdhSession, BindsAdditionalData) {
  Pair pair;
  const Payload payload = *pair.one.encrypt("text", "room:a");
  EXPECT_EQ(*pair.two.decrypt(payload, "room:a"), "text");
  EXPECT_EQ(pair.two.decrypt(payload, "room:b").error(), Error::not_authentic);
  EXPECT_EQ(pair.two.decrypt(payload).error(), Error::not_authentic);
}

TEST(EcdhSession, NeedsTheSameInfoOnBothSides) {
  auto one = EcdhSession::generate("mine");
  auto two = EcdhSession::generate();
  const std::string salt = EcdhSession::make_salt();
  ASSERT_FALSE(one.derive(two.public_key(), salt));
  ASSERT_FALSE(two.derive(one.public_key(), salt));
  EXPECT_EQ(two.decrypt(*one.encrypt("text")).error(), Error::not_authentic);
}

TEST(EcdhSession, DerivesTheSameKeyAgainFromAnExportedPrivateKey) {
  auto one = EcdhSession::generate();
  auto two = EcdhSession::generate();
  auto again = std::move(*EcdhSession::import(one.private_key()));
  EXPECT_EQ(again.public_key(), one.public_key());
  const std::string salt = EcdhSession::make_salt();
  ASSERT_FALSE(again.derive(two.public_key(), salt));
  ASSERT_FALSE(two.derive(one.public_key(), salt));
  EXPECT_EQ(*again.decrypt(*two.encrypt("text")), "text");
}

TEST(EcdhSession, HasNoKeyBeforeOneIsDerived) {
  auto session = EcdhSession::generate();
  EXPECT_FALSE(session.has_key());
  EXPECT_EQ(session.encrypt("text").error(), Error::no_key);
  EXPECT_EQ(session.decrypt({}).error(), Error::no_key);
  EXPECT_EQ(session.derive("AAAA", "AAAA"), Error::wrong_key_size);
  EXPECT_FALSE(session.has_key());
}

TEST(EcdhSession, KeepsItsKeyWhenTheNextOneIsRefused) {
  Pair pair;
  EXPECT_EQ(pair.one.derive("no key", EcdhSession::make_salt()), Error::invalid_base64);
  EXPECT_EQ(pair.one.derive(pair.two.public_key(), "no salt"), Error::invalid_base64);
  EXPECT_EQ(*pair.two.decrypt(*pair.one.encrypt("text")), "text");
}

TEST(EcdhSession, RefusesPayloadsThatAreNone) {
  Pair pair;
  const Payload good = *pair.one.encrypt("text");
  EXPECT_EQ(pair.two.decrypt({good.iv + " ", good.ct}).error(), Error::invalid_base64);
  EXPECT_EQ(pair.two.decrypt({"AAAA", good.ct}).error(), Error::wrong_iv_size);
  EXPECT_EQ(pair.two.decrypt({good.iv, "AAAA"}).error(), Error::ciphertext_too_short);
  EXPECT_EQ(pair.two.decrypt({good.iv, good.ct.substr(1)}).error(), Error::invalid_base64);
  EXPECT_EQ(pair.two.decrypt({good.ct.substr(0, 16), good.ct}).error(), Error::not_authentic);
}

TEST(EcdhSession, RefusesPrivateKeysThatAreNone) {
  EXPECT_EQ(EcdhSession::import("").error(), Error::invalid_private_key);
  EXPECT_EQ(EcdhSession::import("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").error(), Error::invalid_private_key);
  EXPECT_EQ(EcdhSession::import("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A").error(), Error::invalid_base64);
}

TEST(CryptoError, SaysWhatWasWantedInstead) {
  const std::error_code error = make_error_code(Error::wrong_key_format);
  EXPECT_STREQ(error.category().name(), "hearth.crypto");
  EXPECT_NE(error.message().find("uncompressed"), std::string::npos);
}

}  // namespace
}  // namespace hearth::crypto
