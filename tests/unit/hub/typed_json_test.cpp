#include "hearth/typed_json.hpp"

#include <gtest/gtest.h>
#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hearth {
namespace {

struct Device {
  std::string kind;
  std::optional<std::int64_t> build;
};
BOOST_DESCRIBE_STRUCT(Device, (), (kind, build))

struct Credentials {
  std::string token;
  std::optional<std::string> language;
  std::vector<std::string> scopes;
  Device device;
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (token, language, scopes, device))

template <class T = Credentials>
std::string complaint(const char* text) {
  try {
    from_json<T>(boost::json::parse(text));
    return {};
  } catch (const FieldError& error) {
    return error.what();
  }
}

TEST(TypedJson, ReadsDescribedMembersAndIgnoresOtherKeys) {
  const auto read = from_json<Credentials>(
      boost::json::parse(R"({"token":"t","scopes":["a","b"],"device":{"kind":"phone","build":7},"more":1})"));
  EXPECT_EQ(read.token, "t");
  EXPECT_EQ(read.language, std::nullopt);
  EXPECT_EQ(read.scopes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.device.kind, "phone");
  EXPECT_EQ(read.device.build, 7);
}

TEST(TypedJson, TakesNullForAnOptional) {
  const auto read =
      from_json<Credentials>(boost::json::parse(R"({"token":"","language":null,"scopes":[],"device":{"kind":""}})"));
  EXPECT_EQ(read.language, std::nullopt);
  EXPECT_EQ(read.device.build, std::nullopt);
}

TEST(TypedJson, NamesTheFieldThatIsMissing) {
  EXPECT_EQ(complaint("{}"), "field `token` is missing");
  EXPECT_EQ(complaint(R"({"token":"t","scopes":[],"device":{}})"), "field `device.kind` is missing");
}

TEST(TypedJson, NamesTheFieldOfTheWrongType) {
  EXPECT_TRUE(complaint(R"({"token":5})").starts_with("field `token` has the wrong type"));
  EXPECT_EQ(complaint(R"({"token":"t","scopes":{}})"), "field `scopes` is no array");
  EXPECT_TRUE(complaint(R"({"token":"t","scopes":[],"device":{"kind":"p","build":"x"}})")
                  .starts_with("field `device.build` has the wrong type"));
  EXPECT_EQ(complaint(R"({"token":"t","scopes":[],"device":3})"), "field `device` is no object");
}

struct Fleet {
  std::vector<Device> devices;
  std::map<std::string, std::vector<std::optional<int>>> readings;
};
BOOST_DESCRIBE_STRUCT(Fleet, (), (devices, readings))

TEST(TypedJson, ReadsListsAndMapsOfDescribedTypesByTheSameRules) {
  const auto read = from_json<Fleet>(boost::json::parse(
      R"({"devices":[{"kind":"phone","more":1},{"build":2,"kind":"tv"}],"readings":{"a":[1,null],"b":[]}})"));
  ASSERT_EQ(read.devices.size(), 2U);
  EXPECT_EQ(read.devices[0].build, std::nullopt);
  EXPECT_EQ(read.devices[1].kind, "tv");
  EXPECT_EQ(read.readings.at("a"), (std::vector<std::optional<int>>{1, std::nullopt}));
  EXPECT_TRUE(read.readings.at("b").empty());
}

TEST(TypedJson, NamesThePlaceInListsAndMaps) {
  EXPECT_EQ(complaint<Fleet>(R"({"devices":[{"kind":"tv"},{}],"readings":{}})"), "field `devices[1].kind` is missing");
  EXPECT_EQ(complaint<Fleet>(R"({"devices":{},"readings":{}})"), "field `devices` is no array");
  EXPECT_TRUE(complaint<Fleet>(R"({"devices":[],"readings":{"a":[1,"x"]}})")
                  .starts_with("field `readings.a[1]` has the wrong type"));
  EXPECT_EQ(complaint<Fleet>(R"({"devices":[],"readings":[]})"), "field `readings` is no object");
}

TEST(TypedJson, SaysThatTheWholeIsNoObject) { EXPECT_EQ(complaint("[]"), "the value is no object"); }

}  // namespace
}  // namespace hearth
