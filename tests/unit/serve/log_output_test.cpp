#include "serve/log_output.hpp"

#include "unit/config/config_folder.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>

namespace hearth::app {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1'764'093'600'123)};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(LogLine, IsForPeople) {
  const std::array fields{LogField{"client", "d7270aa1"}, LogField{"user", "A n\n"}};
  const LogRecord record{LogLevel::info, kTime, "client_refused", "a client is refused", fields};
  EXPECT_EQ(log_line(record, config::LogFormat::text, "berlin"),
            "2025-11-25T18:00:00.123Z info client_refused: a client is refused client=d7270aa1 user=\"A n\\n\"\n");
}

TEST(LogLine, IsForPrograms) {
  const std::array fields{LogField{"user", "\"\xff\n\x01"}};
  const LogRecord record{LogLevel::warning, kTime, "client_refused", "it \"said\" no", fields};
  const std::string line = log_line(record, config::LogFormat::json, "berlin");
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line, whatever is in it";
  const auto object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.at("time").as_string(), "2025-11-25T18:00:00.123Z");
  EXPECT_EQ(object.at("level").as_string(), "warning");
  EXPECT_EQ(object.at("event").as_string(), "client_refused");
  EXPECT_EQ(object.at("node").as_string(), "berlin");
  EXPECT_EQ(object.at("message").as_string(), "it \"said\" no");
  EXPECT_TRUE(object.at("user").as_string().starts_with('"'));
}

TEST(LogOutput, AppendsToAFileThatMayBeMovedAway) {
  const config::ConfigFolder folder;
  const config::Path file = folder.write("a.log", "before\n");
  config::LogConfig config;
  config.file = file;
  LogOutput output(config, "berlin");
  output.write({LogLevel::info, kTime, "listening", "one", {}});
  const config::Path moved = file.string() + ".1";
  std::filesystem::rename(file, moved);
  output.write({LogLevel::info, kTime, "listening", "two", {}});
  output.reopen();
  output.write({LogLevel::info, kTime, "listening", "three", {}});
  EXPECT_EQ(content_of(moved),
            "before\n2025-11-25T18:00:00.123Z info listening: one\n2025-11-25T18:00:00.123Z info listening: two\n");
  EXPECT_EQ(content_of(file), "2025-11-25T18:00:00.123Z info listening: three\n");
}

TEST(LogOutput, NamesAFileThatCannotBeOpened) {
  const config::ConfigFolder folder;
  config::LogConfig config;
  config.file = folder.write("a.log", "") / "b.log";
  EXPECT_THROW(LogOutput(config, "berlin"), std::system_error);
}

}  // namespace
}  // namespace hearth::app
