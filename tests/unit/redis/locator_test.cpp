#include "redis/locator.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace hearth::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

RespReply reply(const std::string& bytes) {
  RespReader reader;
  std::optional<RespReply> one;
  reader.read(bytes, [&](const RespReply& found) { one = found; });
  return one.value();
}

std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

std::vector<std::string> texts(const std::vector<RedisEndpoint>& nodes) {
  std::vector<std::string> all;
  for (const RedisEndpoint& node : nodes) all.push_back(node.str());
  return all;
}

TEST(Locator, ReadsTheNodesOfACluster) {
  const std::string node_one =
      "*4\r\n" + bulk("10.0.0.1") + ":7000\r\n" + bulk("id1") + "*2\r\n" + bulk("hostname") + bulk("one.test");
  const std::string node_two = "*3\r\n" + bulk("::1") + ":7001\r\n" + bulk("id2");
  const std::string nobody = "*3\r\n$-1\r\n:7002\r\n" + bulk("id3");
  const std::string slots =
      "*2\r\n*4\r\n:0\r\n:8191\r\n" + node_one + node_two + "*4\r\n:8192\r\n:16383\r\n" + node_two + nobody;
  EXPECT_THAT(texts(cluster_nodes(reply(slots))), ElementsAre("10.0.0.1:7000", "[::1]:7001", "[::1]:7001"));
  EXPECT_THAT(cluster_nodes(reply("-ERR This instance has cluster support disabled\r\n")), IsEmpty());
  EXPECT_THAT(cluster_nodes(reply("*0\r\n")), IsEmpty());
}

TEST(Locator, ReadsTheOtherSentinels) {
  const std::string one =
      "*6\r\n" + bulk("name") + bulk("ip") + bulk("ip") + bulk("10.0.0.1") + bulk("port") + bulk("26379");
  const std::string two =
      "*6\r\n" + bulk("name") + bulk("x") + bulk("ip") + bulk("10.0.0.2") + bulk("port") + bulk("5000");
  EXPECT_THAT(texts(other_sentinels(reply("*2\r\n" + one + two))), ElementsAre("10.0.0.1:26379", "10.0.0.2:5000"));
  EXPECT_THAT(other_sentinels(reply("*0\r\n")), IsEmpty());
}

TEST(Locator, KnowsTheNodesOfTheOptionsAndThoseThatWereNamedLast) {
  const std::vector<RedisEndpoint> seeds{{"a", 1, {}}, {"b", 2, {}}};
  EXPECT_THAT(texts(known_nodes(seeds, {{"b", 2, {}}, {"c", 3, {}}, {"c", 3, {}}})), ElementsAre("a:1", "b:2", "c:3"));
  EXPECT_THAT(texts(known_nodes(seeds, {{"d", 4, {}}})), ElementsAre("a:1", "b:2", "d:4"));
}

TEST(Locator, TakesNoNodesThatCannotBe) {
  EXPECT_THAT(known_nodes({}, {{"", 1, {}},
                               {"a", 0, {}},
                               {"a\nb", 1, {}},
                               {"a b", 1, {}},
                               {"\x1b[2J", 1, {}},
                               {std::string(254, 'a'), 1, {}}}),
              IsEmpty());
  std::vector<RedisEndpoint> many;
  for (std::uint16_t port = 1; port <= 2000; ++port) many.push_back({"a", port, {}});
  EXPECT_THAT(known_nodes({}, many), SizeIs(1000));
}

TEST(Locator, TellsAMasterFromAReplica) {
  EXPECT_TRUE(may_be_master(reply("*3\r\n" + bulk("master") + ":1\r\n*0\r\n")));
  EXPECT_TRUE(may_be_master(reply("-NOPERM this user has no permissions to run the 'role' command\r\n")));
  const RespReply replica =
      reply("*5\r\n" + bulk("slave") + bulk("10.0.0.1") + ":6379\r\n" + bulk("connected") + ":1\r\n");
  EXPECT_FALSE(may_be_master(replica));
  EXPECT_THAT(not_a_master(replica), HasSubstr("a replica of \"10.0.0.1\""));
  EXPECT_THAT(not_a_master(reply("*2\r\n" + bulk("sentinel") + "*0\r\n")), HasSubstr("its role is \"sentinel\""));
}

}  // namespace
}  // namespace hearth::redis
