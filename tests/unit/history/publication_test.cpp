#include "hearth/publication.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth {
namespace {

TEST(StoredPublication, IsEncodedForThoseWhoAskedForPositionsAndForAllOthers) {
  const StoredPublication stored({.room = "te\"a",
                                  .position = {Epoch{1}, 42},
                                  .event = "news",
                                  .data = JsonView::trusted(R"({"n":1})"),
                                  .from = JsonView::trusted(R"({"id":"x"})")});
  EXPECT_EQ(stored.text(), R"({"event":"news","data":{"n":1},"from":{"id":"x"},"room":"te\"a","offset":42})");
  EXPECT_EQ(std::string(stored.plain()) + '}', R"({"event":"news","data":{"n":1},"from":{"id":"x"}})");
}

TEST(StoredPublication, LeavesOutWhatThereIsNot) {
  const StoredPublication stored({.room = "r", .position = {Epoch{1}, 1}, .event = "e"});
  EXPECT_EQ(stored.text(), R"({"event":"e","room":"r","offset":1})");
  EXPECT_EQ(std::string(stored.plain()) + '}', R"({"event":"e"})");
  EXPECT_FALSE(stored.data());
  EXPECT_FALSE(stored.from());
  EXPECT_EQ(stored.key(), "");
}

TEST(StoredPublication, GivesBackItsParts) {
  const std::vector<std::string> exclude{"a", "b"};
  const StoredPublication stored({.room = "room",
                                  .position = {Epoch{7}, Position::kMostOffset},
                                  .event = "e\"\n",
                                  .data = JsonView::trusted(R"([1, 2])"),
                                  .from = JsonView::trusted(R"({})"),
                                  .key = "key",
                                  .exclude = exclude,
                                  .time_ms = 5});
  const Publication view = stored.publication();
  EXPECT_EQ(view.room, "room");
  EXPECT_EQ(view.position, (Position{Epoch{7}, 9007199254740991}));
  EXPECT_EQ(view.event, "e\"\n");
  EXPECT_EQ(stored.event_json(), R"("e\"\n")");
  EXPECT_EQ(view.data.text(), "[1, 2]");
  EXPECT_EQ(view.from.text(), "{}");
  EXPECT_EQ(view.key, "key");
  EXPECT_EQ(view.time_ms, 5);
  EXPECT_TRUE(stored.excludes("b"));
  EXPECT_FALSE(stored.excludes("c"));
}

TEST(StoredPublication, KnowsWhenItWasPublished) {
  EXPECT_GT(StoredPublication({.room = "r", .event = "e"}).time_ms(), 1'600'000'000'000);
}

}  // namespace
}  // namespace hearth
