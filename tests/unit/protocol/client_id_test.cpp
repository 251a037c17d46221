#include "protocol/client_id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

namespace hearth::protocol {
namespace {

constexpr std::string_view kText = "01234567-89ab-4cde-8f01-23456789abcd";

TEST(ClientId, ReadsAndWritesItsText) {
  const std::optional<ClientId> id = ClientId::parse(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->str(), kText);
  EXPECT_EQ(id->bytes.front(), 0x01);
  EXPECT_EQ(id->bytes[6], 0x4c);
  EXPECT_EQ(id->shard(), 0xcd);
  std::string out = "id=";
  id->append_to(out);
  EXPECT_EQ(out, "id=" + std::string(kText));
}

TEST(ClientId, RefusesTextOfAnotherLength) {
  for (std::size_t size = 0; size < kText.size(); ++size) EXPECT_FALSE(ClientId::parse(kText.substr(0, size))) << size;
  EXPECT_FALSE(ClientId::parse(std::string(kText) + "0"));
  EXPECT_FALSE(ClientId::parse(std::string(kText) + std::string(1, '\0')));
  EXPECT_FALSE(ClientId::parse("{" + std::string(kText) + "}"));
}

TEST(ClientId, RefusesEveryOtherCharacterAtEveryPlace) {
  for (std::size_t at = 0; at < kText.size(); ++at) {
    for (const char wrong : std::string_view("ABCFGg-/:`@ \0\xff_", 16)) {
      if (wrong == kText[at]) continue;
      std::string text(kText);
      text[at] = wrong;
      EXPECT_FALSE(ClientId::parse(text)) << text;
    }
  }
  for (const std::size_t dash : {8, 13, 18, 23}) {
    std::string text(kText);
    text[dash] = '0';
    EXPECT_FALSE(ClientId::parse(text)) << text;
  }
}

TEST(ClientId, TakesVersion4AndItsVariantAlone) {
  for (const char digit : std::string_view("0123456789abcdef")) {
    std::string version(kText);
    version[14] = digit;
    EXPECT_EQ(ClientId::parse(version).has_value(), digit == '4') << version;
    std::string variant(kText);
    variant[19] = digit;
    const bool right = digit == '8' || digit == '9' || digit == 'a' || digit == 'b';
    EXPECT_EQ(ClientId::parse(variant).has_value(), right) << variant;
  }
}

TEST(ClientId, IsEqualToOneOfTheSameBytes) {
  ClientId other = *ClientId::parse(kText);
  EXPECT_EQ(other, *ClientId::parse(kText));
  for (std::uint8_t& byte : other.bytes) {
    byte ^= 1;
    EXPECT_NE(other, *ClientId::parse(kText));
    byte ^= 1;
  }
}

TEST(ClientIdSource, MakesIdsThatParseTakes) {
  ClientIdSource source(3);
  for (int i = 0; i < 1000; ++i) {
    const ClientId id = source.next();
    EXPECT_EQ(ClientId::parse(id.str()), id) << id.str();
  }
}

TEST(ClientIdSource, PutsItsShardIntoThem) {
  for (const int shard : {0, 1, 127, 128, 255}) {
    ClientIdSource source(static_cast<std::uint8_t>(shard));
    EXPECT_EQ(source.next().shard(), shard);
    EXPECT_EQ(source.next().shard(), shard);
  }
}

TEST(ClientIdSource, RepeatsNoId) {
  // Past several refills; 20,000 ids of 114 random bits have two that are equal once in 10^26 runs.
  constexpr std::size_t kIds = 10'000;
  std::unordered_set<ClientId> seen;
  ClientIdSource one(0);
  ClientIdSource other(0);
  for (std::size_t i = 0; i < kIds; ++i) {
    seen.insert(one.next());
    seen.insert(other.next());
  }
  EXPECT_EQ(seen.size(), 2 * kIds);
}

TEST(ClientIdSource, MakesEveryRandomBitBoth0And1) {
  ClientId any_set;
  ClientId any_clear;
  ClientIdSource source(0x5a);
  for (int i = 0; i < 1000; ++i) {
    const ClientId id = source.next();
    for (std::size_t byte = 0; byte < id.bytes.size(); ++byte) {
      any_set.bytes[byte] |= id.bytes[byte];
      any_clear.bytes[byte] |= static_cast<std::uint8_t>(~id.bytes[byte]);
    }
  }
  for (std::size_t byte = 0; byte < 15; ++byte) {
    const int fixed = byte == 6 ? 0xf0 : byte == 8 ? 0xc0 : 0;
    EXPECT_EQ(any_set.bytes[byte] & any_clear.bytes[byte], 0xff & ~fixed) << byte;
  }
}

TEST(ClientIdHash, IsEqualForEqualIdsAndHardlyEverForOthers) {
  ClientIdSource source(0);
  std::set<std::size_t> hashes;
  for (int i = 0; i < 1000; ++i) {
    const ClientId id = source.next();
    EXPECT_EQ(std::hash<ClientId>()(id), std::hash<ClientId>()(*ClientId::parse(id.str())));
    hashes.insert(std::hash<ClientId>()(id));
  }
  EXPECT_EQ(hashes.size(), 1000U);
}

}  // namespace
}  // namespace hearth::protocol
