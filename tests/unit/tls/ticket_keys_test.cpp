#include "tls/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace hearth::tls {
namespace {

using Clock = TicketKeys::Clock;

Clock::time_point now_{};
Clock::time_point given_clock() noexcept { return now_; }

struct Keys : testing::Test {
  Keys() { now_ = Clock::time_point(std::chrono::hours(1)); }
  TicketKeys keys{given_clock};
};
using TicketKeysTest = Keys;

TEST_F(TicketKeysTest, OneIsUsedForAnHour) {
  const auto first = keys.current();
  now_ += TicketKeys::kRotation - std::chrono::seconds(1);
  ASSERT_TRUE(first);
  EXPECT_EQ(keys.current()->name, first->name);
  EXPECT_EQ(keys.current()->cipher, first->cipher);
}

TEST_F(TicketKeysTest, TheNextIsAnother) {
  const auto first = keys.current();
  now_ += TicketKeys::kRotation;
  EXPECT_NE(keys.current()->name, first->name);
  EXPECT_NE(keys.current()->cipher, first->cipher);
  EXPECT_NE(keys.current()->mac, first->mac);
}

TEST_F(TicketKeysTest, TheOneBeforeIsStillFoundAndToBeReplaced) {
  const auto first = keys.current();
  ASSERT_TRUE(keys.find(first->name));
  EXPECT_TRUE(keys.find(first->name)->is_current);
  now_ += TicketKeys::kRotation;
  ASSERT_TRUE(keys.find(first->name));
  EXPECT_FALSE(keys.find(first->name)->is_current);
  EXPECT_EQ(keys.find(first->name)->key.cipher, first->cipher);
}

TEST_F(TicketKeysTest, TheOneBeforeThatIsGone) {
  const auto first = keys.current();
  now_ += TicketKeys::kRotation;
  keys.current();
  now_ += TicketKeys::kRotation;
  EXPECT_FALSE(keys.find(first->name));
}

TEST_F(TicketKeysTest, AreGoneAfterTwoHoursInWhichNobodyCame) {
  const auto first = keys.current();
  now_ += 2 * TicketKeys::kRotation;
  EXPECT_FALSE(keys.find(first->name));
}

TEST_F(TicketKeysTest, AnUnknownNameIsNotFound) {
  keys.current();
  EXPECT_FALSE(keys.find(TicketKey().name));
}

}  // namespace
}  // namespace hearth::tls
