#include "tls/handshake_outcome.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string_view>

namespace hearth::tls {
namespace {

TEST(HandshakeOutcome, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kHandshakeOutcomes; ++i) names.insert(name_of(static_cast<HandshakeOutcome>(i)));
  EXPECT_EQ(names.size(), kHandshakeOutcomes);
}

}  // namespace
}  // namespace hearth::tls
