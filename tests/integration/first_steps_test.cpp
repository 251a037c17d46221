// From nothing to a message, as docs/quickstart.md has it.

#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

namespace hearth::test {
namespace {

using testing::HasSubstr;

class FirstSteps : public testing::Test, protected CommandFolder {
 protected:
  /// What stands in the file but for comments and empty lines.
  std::string said_by_file() const {
    std::istringstream lines(read());
    std::string all;
    for (std::string line; std::getline(lines, line);) {
      line = line.substr(0, line.find(" #"));
      if (!line.empty() && line[0] != '#') all += line + '\n';
    }
    return all;
  }
  /// A program other than the command, in the folder.
  std::string output_of(const std::string& line) const {
    ChildProcess child({"/bin/sh", "-c", "cd " + path().string() + "; " + line + "; echo"});
    return child.read_line();
  }
};

// Ports are free ones, since those of the page may be taken; all else is as it stands there.
TEST_F(FirstSteps, LeadFromNothingToAMessage) {
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(run("config init").status, 0);
  const std::string file = said_by_file();
  const std::string secret = file.substr(file.find('"') + 1, 43);
  EXPECT_EQ(file, "[[auth.jwt]]\nsecret = \"" + secret +
                      "\"\nalgorithms = [\"HS256\"]\n"
                      "[[rooms]]\npattern = \"news:*\"\njoin = \"anyone\"\n"
                      "[[rooms]]\npattern = \"user:{user}\"\njoin = \"users\"\n"
                      "[[rooms]]\npattern = \"chat:*\"\njoin = \"granted\"\npublish = [\"members\", \"users\"]\n");
  const auto server = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  const std::string address = address_of(*server);
  const std::string api = api_address_of(*server);
  const std::string made = run("token --user ann").output;
  const std::string token = made.substr(0, made.find('\n'));

  TestClient client(address);
  client.upgrade("/ws", "Origin: http://localhost:8090\r\n");  // the console of a page on this machine
  client.send(R"({"event":"authenticate","data":{"token":")" + token + R"("},"id":"1"})");
  EXPECT_THAT(client.wait_for("connected"), HasSubstr(R"("userId":"ann")"));
  client.send(R"({"event":"join","data":{"rooms":["news:today"]},"id":"2"})");
  while (client.wait_for("ack").find(R"("id":"2")") == std::string::npos) {
  }
  client.send(R"({"event":"join","data":{"rooms":["user:ben"]},"id":"3"})");
  EXPECT_THAT(client.wait_for("error"), HasSubstr("\"code\":200"));

  const std::string port = api.substr(api.rfind(':'));
  const std::string body = R"('{"room":"news:today","event":"story","data":{"title":"Hello"}}')";
  EXPECT_EQ(output_of("curl --silent --show-error -d " + body + " localhost" + port + "/api/publish"), "{}");
  EXPECT_THAT(client.wait_for("story"), HasSubstr(R"("data":{"title":"Hello"})"));

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << "from nothing to a message: " << took.count() << " s\n";
}

}  // namespace
}  // namespace hearth::test
