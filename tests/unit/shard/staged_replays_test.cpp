#include "shard/staged_replays.hpp"

#include "net/outbox.hpp"
#include "unit/history/publications.hpp"
#include "websocket/frame.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string_view>

namespace hearth::shard {
namespace {

class StagedReplaysTest : public testing::Test {
 protected:
  /// Sends it to a member; counts how often it had to be encoded.
  void send(const PublicationPtr& publication) {
    replays_.send(
        outbox_, publication,
        [&] {
          ++encoded_;
          const std::array<std::string_view, 1> pieces{publication->text()};
          return outbox_.stage(websocket::Opcode::text, pieces);
        },
        [&](const net::Outgoing& message) {
          EXPECT_TRUE(outbox_.holds(message));
          EXPECT_GT(message.size(), publication->text().size());
          ++sent_;
        });
  }

  net::LoopCounters counters_;
  net::Sealer sealer_;
  net::Outbox outbox_{{}, counters_, sealer_};
  StagedReplays replays_;
  int encoded_ = 0;
  int sent_ = 0;
};

TEST_F(StagedReplaysTest, EncodeAPublicationOnceForAllWhoMissIt) {
  const PublicationPtr one = history::test::publication(history::test::kA, 1);
  const PublicationPtr two = history::test::publication(history::test::kA, 2);
  for (int member = 0; member < 10; ++member) {
    send(one);
    send(two);
  }
  EXPECT_EQ(sent_, 20);
  EXPECT_EQ(encoded_, 2);
}

TEST_F(StagedReplaysTest, EncodeItAnewOnceTheTickLogHasLeft) {
  const PublicationPtr one = history::test::publication(history::test::kA, 1);
  send(one);
  outbox_.flush_all();
  send(one);
  send(one);
  EXPECT_EQ(sent_, 3);
  EXPECT_EQ(encoded_, 2);
}

TEST_F(StagedReplaysTest, LetGoOfPublicationsWithTheTick) {
  PublicationPtr one = history::test::publication(history::test::kA, 1);
  const std::weak_ptr<const StoredPublication> kept = one;
  send(one);
  one.reset();
  EXPECT_FALSE(kept.expired());
  replays_.end_tick();
  EXPECT_TRUE(kept.expired());
}

}  // namespace
}  // namespace hearth::shard
