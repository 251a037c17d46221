#include "crypto/message_cipher.hpp"

#include "crypto/payload.hpp"
#include "protocol/envelope.hpp"
#include "unit/crypto/hex.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace hearth::crypto {
namespace {

const std::string kKeyHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct Peer {
  MessageCipher cipher;
  ClientKey key{test::key_of(kKeyHex), test::array_of<Iv>("0000000000000000000000ff"), cipher};
};

std::string data_of(std::string_view event) {
  protocol::EnvelopeReader reader;
  EXPECT_EQ(reader.read(event), protocol::EnvelopeReader::Result::envelope);
  EXPECT_EQ(reader.envelope().event, "encrypted");
  return std::string(reader.envelope().data);
}

TEST(MessageCipher, OpensWhatItSealed) {
  Peer sender;
  Peer receiver;
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text(size, 'x');
    const auto opened = receiver.cipher.open(receiver.key, data_of(sender.cipher.seal(sender.key, text)));
    ASSERT_TRUE(opened) << size;
    ASSERT_EQ(*opened, text);
  }
}

TEST(MessageCipher, SaysBeforehandHowLongASealedMessageIs) {
  Peer peer;
  for (std::size_t size = 0; size < 300; ++size) {
    ASSERT_EQ(peer.cipher.seal(peer.key, std::string(size, 'x')).size(), MessageCipher::sealed_size(size));
  }
}

TEST(MessageCipher, NeverTakesAnIvTwice) {
  Peer peer;
  std::set<std::string> ivs;
  for (int i = 0; i < 70'000; ++i) {
    const std::string_view sealed = peer.cipher.seal(peer.key, "same");
    ivs.emplace(sealed.substr(sealed.find("iv") + 5, 16));
  }
  EXPECT_EQ(ivs.size(), 70'000U);
  EXPECT_EQ(peer.key.used(), 70'000U);
}

TEST(MessageCipher, KeepsManyClientsApart) {
  MessageCipher cipher;
  ClientKey one(test::key_of(kKeyHex), Iv{1}, cipher);
  ClientKey two(test::key_of(std::string(64, '7')), Iv{2}, cipher);
  ClientKey its_one(test::key_of(kKeyHex), Iv{3}, cipher);
  ClientKey its_two(test::key_of(std::string(64, '7')), Iv{4}, cipher);
  const std::string for_one = data_of(cipher.seal(its_one, "for one"));
  const std::string for_two = data_of(cipher.seal(its_two, "for two"));
  EXPECT_EQ(*cipher.open(one, for_one), "for one");
  EXPECT_EQ(*cipher.open(two, for_two), "for two");
  EXPECT_EQ(cipher.open(one, for_two).error(), Error::not_authentic);
  EXPECT_EQ(cipher.open(two, for_one).error(), Error::not_authentic);
}

TEST(MessageCipher, OutlivesItsKeys) {
  MessageCipher cipher;
  for (int i = 0; i < 3; ++i) {
    // Another key in the place of the last one.
    const std::string hex(64, static_cast<char>('1' + i));
    ClientKey key(test::key_of(hex), Iv{1}, cipher);
    const std::string sealed = data_of(cipher.seal(key, "text"));
    Peer other;
    EXPECT_FALSE(other.cipher.open(other.key, sealed));
    ClientKey its(test::key_of(hex), Iv{2}, cipher);
    EXPECT_EQ(*cipher.open(its, sealed), "text");
  }
}

TEST(MessageCipher, GoesOnAfterALongMessage) {
  Peer sender;
  Peer receiver;
  const std::string text(1'000'000, 'x');
  EXPECT_EQ(*receiver.cipher.open(receiver.key, data_of(sender.cipher.seal(sender.key, text))), text);
  EXPECT_EQ(*receiver.cipher.open(receiver.key, data_of(sender.cipher.seal(sender.key, "short"))), "short");
}

// Both directions have one key: what it has sealed itself must not open when it comes back.
TEST(MessageCipher, DoesNotOpenWhatItHasSealedItself) {
  for (const auto* first : {"0000000000000000000000ff", "fffffffffffffffffffffffe", "00000000ffffffffffffffff"}) {
    MessageCipher cipher;
    ClientKey key(test::key_of(kKeyHex), test::array_of<Iv>(first), cipher);
    std::vector<std::string> sealed;
    for (int i = 0; i < 300; ++i) sealed.push_back(data_of(cipher.seal(key, "text")));
    for (const std::string& message : sealed) ASSERT_EQ(cipher.open(key, message).error(), Error::not_authentic);
    ClientKey before(test::key_of(kKeyHex), test::array_of<Iv>("800000000000000000000000"), cipher);
    EXPECT_TRUE(cipher.open(key, data_of(cipher.seal(before, "text")))) << first;
  }
}

TEST(MessageCipher, CountsFailuresInARow) {
  Peer peer;
  Peer sender;
  const std::string good = data_of(sender.cipher.seal(sender.key, "text"));
  peer.key.note_failure();
  peer.key.note_failure();
  EXPECT_EQ(peer.key.failures(), 2U);
  EXPECT_TRUE(peer.cipher.open(peer.key, good));
  EXPECT_EQ(peer.key.failures(), 0U);
}

std::error_code read_error(std::string_view data) {
  PayloadReader reader;
  return reader.read(data).error();
}

constexpr std::string_view kTag = "AAAAAAAAAAAAAAAAAAAAAA==";

TEST(PayloadReader, ReadsKeysInAnyOrderAndTheLastOfRepeatedOnes) {
  PayloadReader reader;
  const auto payload =
      reader.read(R"({"ct":"x","more":[1],"ct":")" + std::string(kTag) + R"(","iv":"AAECAwQFBgcICQoL"})");
  ASSERT_TRUE(payload);
  EXPECT_EQ(test::to_hex(payload->iv), "000102030405060708090a0b");
  EXPECT_EQ(payload->ciphertext.size(), kTagSize);
}

TEST(PayloadReader, ReadsEscapes) {
  PayloadReader reader;
  const auto payload =
      reader.read(R"({"iv":"\/\/\/\/\/\/\/\/\/\/\/\/\/\/\/\u002f","\u0063t":")" + std::string(kTag) + R"("})");
  ASSERT_TRUE(payload);
  EXPECT_EQ(test::to_hex(payload->iv), std::string(24, 'f'));
}

TEST(PayloadReader, RefusesWhatIsNoPayload) {
  for (const auto* data : {"", "null", "1", "[]", "{}", R"("text")", R"({"iv":"AAECAwQFBgcICQoL"})",
                           R"({"iv":1,"ct":"AAAA"})", R"({"iv":null,"ct":null})"}) {
    EXPECT_EQ(read_error(data), Error::invalid_base64) << data;
  }
  EXPECT_EQ(read_error(R"({"iv":"AAAA","ct":"AAAA"})"), Error::wrong_iv_size);
  EXPECT_EQ(read_error(R"({"iv":"AAECAwQFBgcICQ==","ct":"AAAA"})"), Error::wrong_iv_size);
  EXPECT_EQ(read_error(R"({"iv":"AAECAwQFBgcICQo ","ct":"AAAA"})"), Error::invalid_base64);
  EXPECT_EQ(read_error(R"({"iv":"AAECAwQFBgcICQoL","ct":"AAAAAAAAAAAAAAAAAAAA"})"), Error::ciphertext_too_short);
  EXPECT_EQ(read_error(R"({"iv":"AAECAwQFBgcICQoL","ct":""})"), Error::ciphertext_too_short);
  EXPECT_EQ(read_error(R"({"iv":"AAECAwQFBgcICQoL","ct":"AAAAAAAAAAAAAAAAAAAAAA"})"), Error::invalid_base64);
}

}  // namespace
}  // namespace hearth::crypto
