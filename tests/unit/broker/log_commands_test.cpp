#include "broker/log_commands.hpp"

#include "redis/resp.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace hearth::broker {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

redis::RespReply reply(std::string_view bytes) {
  redis::RespReader reader;
  redis::RespReply found;
  reader.read(bytes, [&](const redis::RespReply& one) { found = one; });
  return found;
}

std::string list(std::initializer_list<std::string_view> elements) {
  std::string bytes = '*' + std::to_string(elements.size()) + "\r\n";
  for (const std::string_view element : elements) {
    bytes += element.starts_with('*') ? std::string(element)
                                      : '$' + std::to_string(element.size()) + "\r\n" + std::string(element) + "\r\n";
  }
  return bytes;
}

TEST(LogCommands, KeysOfARoomLieTogetherWhateverItsName) {
  EXPECT_EQ(log_key("tea:1", "meta"), "hearth:{tea:1}:meta");
  EXPECT_EQ(log_key("}a{%", "log"), "hearth:{%7Da%7B%25}:log");
  EXPECT_NE(log_key("a%7B", "log"), log_key("a{", "log"));
}

TEST(LogCommands, ReadWhatBecameOfAnAppend) {
  const auto fresh = read_append_reply(reply(list({"new", "k3fZ81Qa", "42", "1", "10 600"}))).value();
  EXPECT_EQ(fresh.appended.position, (Position{*Epoch::parse("k3fZ81Qa"), 42}));
  EXPECT_FALSE(fresh.appended.duplicate);
  EXPECT_TRUE(fresh.is_branch);
  EXPECT_TRUE(read_append_reply(reply(list({"order", "", "", "", ""})))->is_out_of_order);
  const auto seen = read_append_reply(reply(list({"seen", "", "", "", ""}))).value();
  EXPECT_TRUE(seen.appended.duplicate);
  EXPECT_EQ(seen.appended.position.offset, 0U);
}

TEST(LogCommands, TakeNothingElseForAnAnswer) {
  for (const std::string& bytes :
       {std::string("+OK\r\n"), std::string("-ERR no\r\n"), std::string("*-1\r\n"), list({"new"}),
        list({"new", "", "", "", ""}), list({"new", "k3fZ81Qa", "-1", "", ""}), list({"new", "k3fZ81Q", "1", "", ""}),
        list({"new", "k3fZ81Qa", "99999999999999999999", "", ""}), list({"what", "k3fZ81Qa", "1", "", ""})}) {
    EXPECT_FALSE(read_append_reply(reply(bytes))) << bytes;
    EXPECT_FALSE(read_page_reply(reply(bytes), "r")) << bytes;
  }
}

std::string page(std::string_view top, std::string_view lineage, const std::string& entries) {
  return list({"k3fZ81Qa", top, lineage, "", entries});
}

TEST(LogCommands, ReadAPageWithThePlacesOfItsLineage) {
  const std::string entries = list({"2", R"({"serverId":"s","type":"room","target":"x","event":"e","data":1)", "17",
                                    "3", R"({"serverId":"s","type":"room","target":"x","event":"f","key":"k")", "18"});
  const auto read = read_page_reply(reply(page("3", " TiUN0YmP:1 k3fZ81Qa:3", entries)), "r").value().page;
  EXPECT_THAT(read.log.lineage, SizeIs(2));
  ASSERT_THAT(read.publications, SizeIs(2));
  EXPECT_EQ(read.publications[0]->position(), (Position{*Epoch::parse("TiUN0YmP"), 2}));
  EXPECT_EQ(read.publications[0]->room(), "r");
  EXPECT_EQ(read.publications[0]->time_ms(), 17);
  EXPECT_EQ(read.publications[1]->position(), (Position{*Epoch::parse("k3fZ81Qa"), 3}));
  EXPECT_EQ(read.publications[1]->key(), "k");
}

TEST(LogCommands, AHoleEndsAPage) {
  const std::string one = R"({"serverId":"s","type":"room","target":"x","event":"e")";
  const auto holed =
      read_page_reply(reply(page("9", " k3fZ81Qa:1", list({"2", one, "1", "4", one, "1"}))), "r").value();
  EXPECT_TRUE(holed.is_damaged);
  EXPECT_THAT(holed.page.publications, SizeIs(1));
  const auto broken = read_page_reply(reply(page("9", " k3fZ81Qa:1", list({"2", "{", "1"}))), "r").value();
  EXPECT_TRUE(broken.is_damaged);
  EXPECT_THAT(broken.page.publications, IsEmpty());
}

TEST(LogCommands, TakeNoUnsoundLog) {
  for (const std::string_view lineage : {"", " k3fZ81Qa", " k3fZ81Qa:x", " short:1", " k3fZ81Qa:7",
                                         " k3fZ81Qa:3 TiUN0YmP:2", " a:1 a:1 a:1 a:1 a:1 a:1 a:1 a:1 a:1"}) {
    EXPECT_FALSE(read_page_reply(reply(page("3", lineage, list({}))), "r")) << lineage;
  }
  EXPECT_FALSE(read_page_reply(reply(page("none", " k3fZ81Qa:1", list({}))), "r"));
  EXPECT_FALSE(read_page_reply(reply(page("3", " k3fZ81Qa:1", list({"4", "{", "1"}))), "r")) << "past the top";
}

TEST(LogCommands, ReadTheRunId) {
  EXPECT_EQ(read_run_id(reply("$28\r\n# Server\r\nrun_id:abc123\r\nx:1\r\n")), "abc123");
  EXPECT_EQ(read_run_id(reply("-NOPERM no\r\n")), "");
  EXPECT_EQ(read_run_id(reply("+run\r\n")), "");
}

TEST(LogCommands, WhereAReplicaCameToBeAMasterComesFromInfo) {
  const auto info = [](const std::string& value) {
    const std::string text = "role:master\r\nsecond_repl_offset:" + value + "\r\nrepl_backlog_active:1\r\n";
    return reply("$" + std::to_string(text.size()) + "\r\n" + text + "\r\n");
  };
  EXPECT_EQ(read_promotion(info("4711")), "4711");
  EXPECT_EQ(read_promotion(info("-1")), "");
  EXPECT_EQ(read_promotion(reply("$13\r\nrole:master\r\n\r\n")), "");
  EXPECT_EQ(read_promotion(reply("-NOPERM no\r\n")), "");
}

}  // namespace
}  // namespace hearth::broker
