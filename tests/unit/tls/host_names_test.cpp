#include "tls/host_names.hpp"

#include <gtest/gtest.h>

namespace hearth::tls {
namespace {

HostNames names() {
  HostNames names;
  names.add("example.com", 0);
  names.add("*.example.com", 1);
  names.add("API.example.com", 2);
  names.add("api.example.com", 3);
  return names;
}

TEST(HostNames, AnExactNameGoesBeforeAWildcard) {
  EXPECT_EQ(names().find("api.example.com"), 2U);
  EXPECT_EQ(names().find("www.example.com"), 1U);
  EXPECT_EQ(names().find("example.com"), 0U);
}

TEST(HostNames, AreTheSameInEitherCaseAndWithADotAtTheEnd) {
  EXPECT_EQ(names().find("Example.COM."), 0U);
  EXPECT_EQ(names().find("WWW.example.com"), 1U);
}

TEST(HostNames, AWildcardStandsForOneLabel) {
  EXPECT_EQ(names().find("a.b.example.com"), std::nullopt);
  EXPECT_EQ(names().find(".example.com"), std::nullopt);
  EXPECT_EQ(names().find("badexample.com"), std::nullopt);
}

TEST(HostNames, NothingIsForOtherHosts) {
  EXPECT_EQ(names().find("example.org"), std::nullopt);
  EXPECT_EQ(names().find(""), std::nullopt);
  EXPECT_EQ(names().find("."), std::nullopt);
}

}  // namespace
}  // namespace hearth::tls
