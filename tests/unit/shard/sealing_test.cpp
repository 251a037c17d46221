#include "shard/sealing.hpp"

#include "protocol/envelope.hpp"
#include "unit/crypto/hex.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace hearth::shard {
namespace {

class SealingTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kMost = 4;

  std::unique_ptr<crypto::ClientKey> key(crypto::MessageCipher& cipher, std::uint8_t first) {
    return std::make_unique<crypto::ClientKey>(test::key_of(std::string(64, '7')), crypto::Iv{first}, cipher);
  }
  /// What the client sends, as the `data` of an `encrypted` event.
  std::string from_client(std::string_view text) {
    protocol::EnvelopeReader reader;
    const std::string sealed(its_.seal(*its_key_, text));
    EXPECT_EQ(reader.read(sealed), protocol::EnvelopeReader::Result::envelope);
    return std::string(reader.envelope().data);
  }

  protocol::ClientIdSource ids_{0};
  LimitHits hits_{log::Log()};
  Sealing sealing_{kMost, Limits(), hits_, log::Log()};
  hub::Client client_{ids_.next(), {}};
  crypto::MessageCipher its_;
  std::unique_ptr<crypto::ClientKey> its_key_ = key(its_, 9);
};

TEST_F(SealingTest, OpensWhatTheClientHasSealed) {
  client_.key = key(sealing_.cipher(), 1);
  const Sealing::Message message = sealing_.open(client_, from_client("hello"));
  EXPECT_EQ(message.opened, Sealing::Opened::text);
  EXPECT_EQ(message.text, "hello");
}

TEST_F(SealingTest, WhatDoesNotOpenIsCountedAndTheTenthInARowIsTooMuch) {
  client_.key = key(sealing_.cipher(), 1);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no);
  EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no_once_more);
  EXPECT_EQ(sealing_.failures(), 10U);
  EXPECT_EQ(hits_.count(Limit::encryption_failures), 1U);
}

TEST_F(SealingTest, HowManyInARowAreTooMuchIsALimit) {
  client_.key = key(sealing_.cipher(), 1);
  sealing_.update({.encryption_failures = 2});
  EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no);
  EXPECT_EQ(sealing_.open(client_, from_client("one that opens")).opened, Sealing::Opened::text);
  EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no);
  EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no_once_more);
}

TEST_F(SealingTest, AnyNumberMayFailWithoutTheLimit) {
  client_.key = key(sealing_.cipher(), 1);
  sealing_.update({.encryption_failures = 0});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no);
  EXPECT_EQ(hits_.count(Limit::encryption_failures), 0U);
}

TEST_F(SealingTest, ADryRunCountsAlone) {
  client_.key = key(sealing_.cipher(), 1);
  sealing_.update({.encryption_failures = 2, .dry_run = true});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sealing_.open(client_, "{}").opened, Sealing::Opened::no);
  EXPECT_EQ(hits_.count(Limit::encryption_failures), 2U);
}

TEST_F(SealingTest, AKeyWearsOutInBothDirections) {
  client_.key = key(sealing_.cipher(), 1);
  for (std::uint64_t i = 1; i < kMost; ++i) sealing_.seal(client_, "x");
  EXPECT_FALSE(sealing_.has_worn_out());
  EXPECT_EQ(sealing_.open(client_, from_client("last")).opened, Sealing::Opened::worn_out);
  sealing_.seal(client_, "x");
  EXPECT_TRUE(sealing_.has_worn_out());
  EXPECT_THAT(sealing_.take_worn_out(), testing::ElementsAre(client_.id));
  EXPECT_FALSE(sealing_.has_worn_out());
}

TEST_F(SealingTest, SaysBeforehandHowLongAMessageGets) {
  client_.key = key(sealing_.cipher(), 1);
  EXPECT_EQ(sealing_.seal(client_, "text").size(), Sealing::sealed_size(4));
}

}  // namespace
}  // namespace hearth::shard
