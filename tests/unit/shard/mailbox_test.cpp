#include "shard/mailbox.hpp"

#include "shard/query_desk.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace hearth::shard {
namespace {

using namespace std::chrono_literals;
using IntMailbox = Mailbox<int>;

bool was_woken(const net::Wakeup& wakeup) {
  pollfd descriptor{wakeup.fd(), POLLIN, 0};
  return ::poll(&descriptor, 1, 0) == 1;
}

struct Fixture {
  Congestion congestion;
  std::shared_ptr<net::Wakeup> wakeup = std::make_shared<net::Wakeup>();
  IntMailbox mailbox{wakeup, congestion};
  Fixture() { mailbox.open(); }
};

TEST(MailboxBetweenShards, KeepsTheOrderOfEachThread) {
  Fixture at;
  constexpr int kThreads = 4;
  constexpr int kItems = 5000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&at, t] {
      for (int i = 0; i < kItems; ++i) at.mailbox.post(t * kItems + i, 1, true);
    });
  }
  std::vector<int> next(kThreads, 0);
  std::vector<int> items;
  for (int taken = 0; taken < kThreads * kItems;) {
    items.clear();
    at.mailbox.take(items);
    for (const int item : items) ASSERT_EQ(item % kItems, next[static_cast<std::size_t>(item / kItems)]++);
    taken += static_cast<int>(items.size());
    std::this_thread::yield();
  }
  for (auto& thread : threads) thread.join();
}

net::Clock::time_point told_time{1h};
net::Clock::time_point tell_time() noexcept { return told_time; }

TEST(MailboxBetweenShards, SaysSinceWhenTheFirstHasWaited) {
  Congestion congestion;
  IntMailbox mailbox(std::make_shared<net::Wakeup>(), congestion, &tell_time);
  mailbox.open();
  mailbox.post(1, 1, false);
  const net::Clock::time_point first = told_time;
  told_time += 5ms;
  mailbox.post(2, 1, false);
  std::vector<int> items;
  EXPECT_EQ(mailbox.take(items), first);
  items.clear();
  mailbox.post(3, 1, false);
  EXPECT_EQ(mailbox.take(items), first + 5ms);
}

TEST(MailboxBetweenShards, PastItsLimitAllAreCongestedUntilItIsEmptied) {
  Fixture at;
  const auto other = std::make_shared<net::Wakeup>();
  at.congestion.add(other);
  at.mailbox.post(1, IntMailbox::kHighWater, false);
  EXPECT_FALSE(at.congestion.any());
  at.mailbox.post(2, 1, false);
  EXPECT_TRUE(at.congestion.any());
  EXPECT_FALSE(was_woken(*other));
  at.mailbox.post(3, 1, false);  // a shard is never held up
  std::vector<int> items;
  at.mailbox.take(items);
  EXPECT_EQ(items, (std::vector<int>{1, 2, 3}));
  EXPECT_FALSE(at.congestion.any());
  EXPECT_TRUE(was_woken(*other));
}

TEST(MailboxBetweenShards, AThreadThatMayWaitDoesUntilThereIsRoom) {
  Fixture at;
  at.mailbox.post(1, IntMailbox::kHighWater + 1, false);
  auto waiting = std::async(std::launch::async, [&] { return at.mailbox.post(2, 1, true); });
  std::vector<int> items;
  at.mailbox.take(items);
  EXPECT_TRUE(waiting.get());
  items.clear();
  at.mailbox.take(items);
  EXPECT_EQ(items, std::vector<int>{2});
}

TEST(MailboxBetweenShards, ClosingLetsGoOfWhoeverWaits) {
  Fixture at;
  at.mailbox.post(1, IntMailbox::kHighWater + 1, false);
  auto waiting = std::async(std::launch::async, [&] { return at.mailbox.post(2, 1, true); });
  at.mailbox.close();
  EXPECT_FALSE(waiting.get());
  EXPECT_FALSE(at.mailbox.post(3, 1, true));
  EXPECT_FALSE(at.congestion.any());
}

TEST(QueryDeskBetweenShards, TwoThatAskEachOtherBothGetAnswers) {
  const auto wakeup = std::make_shared<net::Wakeup>();
  QueryDesk first(wakeup);
  QueryDesk second(wakeup);
  first.open();
  second.open();
  constexpr int kQuestions = 2000;
  std::atomic<int> finished{0};
  const auto ask = [&finished](QueryDesk& own, QueryDesk& other) {
    int answered = 0;
    for (int i = 0; i < kQuestions; ++i) {
      std::atomic<bool> done{false};
      EXPECT_TRUE(other.submit([&] {
        ++answered;
        done = true;
        own.notify();
      }));
      own.serve_until([&] { return done.load(); });
    }
    ++finished;
    other.notify();
    own.serve_until([&] { return finished == 2; });
    return answered;
  };
  auto there = std::async(std::launch::async, [&] { return ask(second, first); });
  EXPECT_EQ(ask(first, second), kQuestions);
  EXPECT_EQ(there.get(), kQuestions);
}

TEST(QueryDeskBetweenShards, TakesNothingBeforeItIsOpenAndAfterItIsClosed) {
  QueryDesk desk(std::make_shared<net::Wakeup>());
  EXPECT_FALSE(desk.submit([] {}));
  desk.open();
  bool ran = false;
  EXPECT_TRUE(desk.submit([&] { ran = true; }));
  desk.close();
  EXPECT_TRUE(ran);
  EXPECT_FALSE(desk.submit([] {}));
}

}  // namespace
}  // namespace hearth::shard
