#include "broker/redis_blocks.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point kNow{1'790'000'000s};

/// As HGETALL answers.
KeptBlocks read(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text = "*" + std::to_string(2 * fields.size()) + "\r\n";
  for (const auto& [field, value] : fields) {
    for (const std::string& part : {field, value}) text += "$" + std::to_string(part.size()) + "\r\n" + part + "\r\n";
  }
  KeptBlocks kept;
  redis::RespReader reader;
  reader.read(text, [&](const redis::RespReply& reply) { kept = read_blocks(reply, kNow); });
  return kept;
}

TEST(RedisBlocks, ComeBackAsTheyWere) {
  const std::vector<Block> blocks{{.user = "ann \"a\"", .until = kNow + 1h, .issued_before = kNow - 1h},
                                  {.token = "user:4711", .until = kNow + 1s}};
  std::vector<std::pair<std::string, std::string>> fields;
  for (const Block& block : blocks) fields.emplace_back(block_field(block.user, block.token), block_value(block));
  EXPECT_EQ(fields[1].first, "token:user:4711");
  const KeptBlocks kept = read(fields);
  EXPECT_EQ(kept.blocks, blocks);
  EXPECT_THAT(kept.ended, IsEmpty());
}

TEST(RedisBlocks, WhatHasEndedOrIsNoneIsToBeRemoved) {
  const KeptBlocks kept = read({{"user:old", R"({"until":1790000000})"},
                                {"user:", R"({"until":1890000000})"},
                                {"other", R"({"until":1890000000})"},
                                {"user:a", "x"},
                                {"user:b", "[]"},
                                {"user:c", R"({"until":"1890000000"})"},
                                {"user:d", R"({"until":99999999999999})"},
                                {"user:e", R"({"until":-1})"}});
  EXPECT_THAT(kept.blocks, IsEmpty());
  EXPECT_THAT(kept.ended, ElementsAre("user:old", "user:", "other", "user:a", "user:b", "user:c", "user:d", "user:e"));
}

TEST(RedisBlocks, OfNoneThereAreNone) { EXPECT_THAT(read({}).blocks, IsEmpty()); }

}  // namespace
}  // namespace hearth::broker
