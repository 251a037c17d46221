// openapi.json, held against the API that it describes.

#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using boost::json::object;
using boost::json::value;

class ApiOpenapi : public testing::Test, protected CommandFolder {
 protected:
  ApiOpenapi() {
    write("[auth]\nanonymous = true\n");
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_SERVER_DRAIN_DELAY=1h");
    address_of(*server_);
    api_ = api_address_of(*server_);
    document_ = boost::json::parse(ask("GET", "/api/openapi.json", {}).body).as_object();
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body) const {
    TestClient http(api_);
    http.write(method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
    return http.read_http(method != "HEAD");
  }
  const object& paths() const { return document_.at("paths").as_object(); }
  /// What a reference leads to.
  const value& referred(const value& schema) const {
    const auto* reference = schema.as_object().if_contains("$ref");
    if (reference == nullptr) return schema;
    return document_at(std::string(reference->as_string()).substr(1));
  }
  const value& document_at(const std::string& pointer) const {
    boost::system::error_code error;
    const value* found = whole().find_pointer(pointer, error);
    if (found == nullptr) throw std::runtime_error("there is no " + pointer);
    return *found;
  }
  const value& whole() const {
    if (whole_.is_null()) whole_ = document_;
    return whole_;
  }

  std::unique_ptr<ChildProcess> server_;
  std::string api_;
  object document_;
  mutable value whole_;
};

std::string upper(std::string_view method) {
  std::string text;
  for (const char c : method) text += static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string with_a_name(std::string path) {
  const auto begin = path.find('{');
  if (begin != std::string::npos) path.replace(begin, path.find('}') + 1 - begin, "nobody");
  return path;
}

TEST_F(ApiOpenapi, EveryRouteThatItListsAnswersAndNoOtherMethodDoes) {
  std::size_t routes = 0;
  for (const auto& [path, operations] : paths()) {
    std::set<std::string> listed;
    for (const auto& [method, operation] : operations.as_object()) listed.insert(upper(method));
    for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      // A body that no route takes: none is carried out.
      const HttpAnswer answer = ask(method, with_a_name(path), method == "POST" ? R"({"nonsense":1})" : "");
      if (!listed.contains(method)) {
        EXPECT_EQ(answer.status, 405U) << method << ' ' << std::string(path);
        continue;
      }
      ++routes;
      const bool is_there = answer.status != 405 && answer.body.find("no_such_route") == std::string::npos;
      EXPECT_TRUE(is_there) << method << ' ' << std::string(path) << ' ' << answer.body;
    }
  }
  EXPECT_GT(routes, 14U);
}

TEST_F(ApiOpenapi, ItsMembersAreThoseThatRoutesTake) {
  std::size_t bodies = 0;
  for (const auto& [path, operations] : paths()) {
    const auto* post = operations.as_object().if_contains("post");
    if (post == nullptr || !post->as_object().contains("requestBody")) continue;
    const value& schema = referred(post->at("requestBody").at("content").at("application/json").at("schema"));
    const auto* properties = schema.as_object().if_contains("properties");
    std::set<std::string> listed;
    if (properties != nullptr) {
      for (const auto& [name, about] : properties->as_object()) listed.insert(name);
    }
    const std::string detail(
        boost::json::parse(ask("POST", path, R"({"nonsense":1})").body).as_object().at("detail").as_string());
    std::set<std::string> taken;
    std::string rest = detail.substr(std::min(detail.find("there are ") + 10, detail.size()));
    for (std::size_t comma = rest.find(", "); !rest.empty(); comma = rest.find(", ")) {
      taken.insert(rest.substr(0, comma));
      rest = comma == std::string::npos ? "" : rest.substr(comma + 2);
    }
    EXPECT_EQ(taken, listed) << std::string(path) << ": " << detail;
    ++bodies;
  }
  EXPECT_GT(bodies, 6U);
}

TEST_F(ApiOpenapi, ItsReferencesLeadSomewhere) {
  std::vector<const value*> left{&whole()};
  std::size_t references = 0;
  while (!left.empty()) {
    const value& next = *left.back();
    left.pop_back();
    if (next.is_array()) {
      for (const value& element : next.as_array()) left.push_back(&element);
    }
    if (!next.is_object()) continue;
    for (const auto& [name, member] : next.as_object()) {
      left.push_back(&member);
      if (name != "$ref") continue;
      ++references;
      EXPECT_NO_THROW(document_at(std::string(member.as_string()).substr(1)));
    }
  }
  EXPECT_GT(references, 20U);
}

}  // namespace
}  // namespace hearth::test
