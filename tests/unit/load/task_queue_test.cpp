#include "load/task_queue.hpp"

#include <gmock/gmock.h>

#include <sys/eventfd.h>

#include <thread>

namespace hearth::load {
namespace {

using testing::ElementsAre;

TEST(TaskQueue, DoesWhatOtherThreadsLeaveInTheirOrder) {
  const net::Wakeup wakeup;
  TaskQueue tasks(wakeup);
  std::vector<int> done;
  std::thread([&] {
    for (int i = 0; i < 3; ++i) tasks.post([&done, i] { done.push_back(i); });
  }).join();
  EXPECT_TRUE(done.empty());
  tasks.run();
  EXPECT_THAT(done, ElementsAre(0, 1, 2));
  tasks.run();
  EXPECT_THAT(done, ElementsAre(0, 1, 2)) << "once each";
}

TEST(TaskQueue, WakesTheThread) {
  const net::Wakeup wakeup;
  TaskQueue tasks(wakeup);
  tasks.post([] {});
  eventfd_t value = 0;
  EXPECT_EQ(::eventfd_read(wakeup.fd(), &value), 0);
  EXPECT_GT(value, 0U);
}

TEST(TaskQueue, LeavesWhatATaskPostsForTheNextTime) {
  const net::Wakeup wakeup;
  TaskQueue tasks(wakeup);
  int done = 0;
  tasks.post([&] { tasks.post([&done] { ++done; }); });
  tasks.run();
  EXPECT_EQ(done, 0);
  tasks.run();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace hearth::load
