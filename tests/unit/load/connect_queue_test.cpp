#include "load/connect_queue.hpp"

#include <gtest/gtest.h>

namespace hearth::load {
namespace {

TEST(ConnectQueue, LetsSoManyBeUnderWayAtATime) {
  std::deque<Client> clients;
  ConnectQueue queue;
  for (std::uint32_t i = 0; i < 3; ++i) queue.add(clients.emplace_back(i));
  EXPECT_FALSE(queue.has_next()) << "none are allowed yet";
  queue.allow(2);
  EXPECT_EQ(queue.next().index, 0U);
  EXPECT_EQ(queue.next().index, 1U);
  EXPECT_FALSE(queue.has_next());
  queue.finish();
  EXPECT_TRUE(queue.has_next());
  EXPECT_EQ(queue.next().index, 2U);
}

TEST(ConnectQueue, TakesAClientAgain) {
  Client client(7);
  ConnectQueue queue;
  queue.allow(1);
  queue.add(client);
  queue.next();
  queue.finish();
  EXPECT_FALSE(queue.has_next());
  queue.add(client);
  EXPECT_TRUE(queue.has_next());
}

}  // namespace
}  // namespace hearth::load
