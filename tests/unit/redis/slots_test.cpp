#include "redis/slots.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hearth::redis {
namespace {

using testing::SizeIs;

RespReply reply(const std::string& bytes) {
  RespReader reader;
  std::optional<RespReply> one;
  reader.read(bytes, [&](const RespReply& found) { one = found; });
  return one.value();
}

std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

/// With the node's id, and what some versions say besides.
std::string node(const std::string& host, int port) {
  return "*4\r\n" + host + ":" + std::to_string(port) + "\r\n" + bulk("id") + "*2\r\n" + bulk("hostname") + bulk("x");
}

std::string range(int first, int last, const std::string& nodes, int count) {
  return "*" + std::to_string(2 + count) + "\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) + "\r\n" +
         nodes;
}

std::string master_of(const SlotTable& table, std::uint16_t slot) {
  const auto master = table.master(slot);
  return master ? table.masters()[*master].str() : std::string("nobody");
}

// As CLUSTER KEYSLOT says.
TEST(Slots, AreThoseOfRedis) {
  EXPECT_EQ(slot_of("123456789"), 12739);
  EXPECT_EQ(slot_of(""), 0);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("foo{}{bar}"), 8363);
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{bar"), 15278);
}

TEST(Slots, ReadsWhereANodeSends) {
  const auto moved = read_redirect("MOVED 3999 127.0.0.1:6381", "own").value();
  EXPECT_EQ(moved.kind, Redirect::Kind::moved);
  EXPECT_EQ(moved.slot, 3999);
  EXPECT_EQ(moved.to, (RedisEndpoint{"127.0.0.1", 6381, {}}));
  EXPECT_EQ(read_redirect("ASK 1 ::1:6381", "own").value().to, (RedisEndpoint{"::1", 6381, {}}));
  EXPECT_EQ(read_redirect("ASK 1 ::1:6381", "own").value().kind, Redirect::Kind::ask);
  EXPECT_EQ(read_redirect("MOVED 1 :6381", "own").value().to, (RedisEndpoint{"own", 6381, {}}));
  for (const char* later :
       {"TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTERDOWN The cluster is down", "MOVED 16384 a:1",
        "MOVED 1 a", "MOVED 1 a:0", "MOVED 1 a b:1", "MOVED", "ASK 1 ?:1"}) {
    EXPECT_EQ(read_redirect(later, "own").value().kind, Redirect::Kind::later) << later;
  }
  EXPECT_FALSE(read_redirect("ERR MOVED 1 a:1", "own"));
  EXPECT_FALSE(read_redirect("", "own"));
}

TEST(Slots, ReadsWhoTheMastersAre) {
  const std::string slots = "*3\r\n" + range(0, 99, node(bulk("10.0.0.1"), 7000) + node(bulk("10.0.0.9"), 7009), 2) +
                            range(200, 16383, node(bulk("b.test"), 7001), 1) +
                            range(100, 100, node("$-1\r\n", 7002), 1);
  const auto table = read_slot_table(reply(slots), "asked").value();
  EXPECT_THAT(table.masters(), SizeIs(3));
  EXPECT_EQ(master_of(table, 0), "10.0.0.1:7000");
  EXPECT_EQ(master_of(table, 99), "10.0.0.1:7000");
  EXPECT_EQ(master_of(table, 100), "asked:7002");
  EXPECT_EQ(master_of(table, 101), "nobody");
  EXPECT_EQ(master_of(table, 16383), "b.test:7001");
}

TEST(Slots, TakesNoTableThatCannotBe) {
  EXPECT_FALSE(read_slot_table(reply("-ERR no\r\n"), "a"));
  EXPECT_FALSE(read_slot_table(reply("*0\r\n"), "a"));
  EXPECT_FALSE(read_slot_table(reply("*1\r\n:5\r\n"), "a"));
  for (const auto& [first, last] : {std::pair(5, 4), std::pair(-1, 4), std::pair(0, 16384)}) {
    EXPECT_FALSE(read_slot_table(reply("*1\r\n" + range(first, last, node(bulk("a"), 1), 1)), "a"));
  }
  for (const std::string& bad :
       {node(bulk("?"), 1), node(bulk("a\nb"), 1), node(bulk("a"), 0), node(bulk("a"), 65536)}) {
    EXPECT_FALSE(read_slot_table(reply("*1\r\n" + range(0, 1, bad, 1)), "a")) << bad;
  }
}

TEST(Slots, OneThatMovesTakesNoOtherWithIt) {
  SlotTable table;
  table.assign(0, 16383, {"a", 1, {}});
  table.assign(7, 7, {"b", 2, {}});
  EXPECT_EQ(master_of(table, 6), "a:1");
  EXPECT_EQ(master_of(table, 7), "b:2");
  EXPECT_EQ(master_of(table, 8), "a:1");
}

}  // namespace
}  // namespace hearth::redis
