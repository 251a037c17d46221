#include "shard/handler_slots.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HandlerSlotsTest : public testing::Test {
 protected:
  HandlerSlots::Begin note(const std::string& name) {
    return [this, name](bool admitted) { began_.push_back(name + (admitted ? "" : " too late")); };
  }

  std::vector<std::string> began_;
  HandlerSlots slots_{2, 1};
};

TEST_F(HandlerSlotsTest, SoManyAtATimeAndTheOthersInTheirOrder) {
  EXPECT_TRUE(slots_.enter(note("a"), true));
  EXPECT_TRUE(slots_.enter(note("b"), true));
  EXPECT_TRUE(slots_.enter(note("c"), true));
  EXPECT_TRUE(slots_.enter(note("d"), false));
  EXPECT_THAT(began_, ElementsAre("a", "b"));
  slots_.leave();
  EXPECT_THAT(began_, ElementsAre("a", "b", "c"));
  slots_.leave();
  EXPECT_THAT(began_, ElementsAre("a", "b", "c", "d"));
}

TEST_F(HandlerSlotsTest, PastItsBoundWhoMayBeRefusedIs) {
  slots_.enter(note("a"), true);
  slots_.enter(note("b"), true);
  EXPECT_TRUE(slots_.enter(note("waits"), true));
  EXPECT_FALSE(slots_.enter(note("too many"), true));
  EXPECT_TRUE(slots_.enter(note("must"), false));
}

TEST_F(HandlerSlotsTest, NoneMeansAnyNumber) {
  HandlerSlots any(0, 0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(any.enter(note("x"), true));
  EXPECT_EQ(began_.size(), 100U);
}

TEST_F(HandlerSlotsTest, WithOtherLimitsMoreBegin) {
  for (const char* name : {"a", "b", "c", "d", "e"}) slots_.enter(note(name), false);
  slots_.limit(4, 1);
  EXPECT_THAT(began_, ElementsAre("a", "b"));
  slots_.go_on();
  EXPECT_THAT(began_, ElementsAre("a", "b", "c", "d"));
  slots_.limit(0, 0);
  slots_.go_on();
  EXPECT_THAT(began_, ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(HandlerSlotsTest, WithOtherLimitsFewerBegin) {
  for (const char* name : {"a", "b", "c"}) slots_.enter(note(name), false);
  slots_.limit(1, 1);
  slots_.leave();
  EXPECT_THAT(began_, ElementsAre("a", "b")) << "one is still at work, and no more may be";
  slots_.leave();
  EXPECT_THAT(began_, ElementsAre("a", "b", "c"));
}

TEST_F(HandlerSlotsTest, ClosedNothingBegins) {
  slots_.enter(note("a"), true);
  slots_.enter(note("b"), true);
  slots_.enter(note("c"), true);
  slots_.close();
  EXPECT_TRUE(slots_.is_closed());
  EXPECT_FALSE(slots_.enter(note("d"), false));
  slots_.leave();
  slots_.leave();
  EXPECT_THAT(began_, ElementsAre("a", "b"));
  slots_.await_idle(HandlerSlots::Clock::now());  // nobody is at work: it returns
  slots_.open();
  EXPECT_TRUE(slots_.enter(note("e"), false));
}

}  // namespace
}  // namespace hearth::shard
