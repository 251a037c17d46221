#include "shard/answers.hpp"

#include "unit/shard/recorder.hpp"

#include <gmock/gmock.h>

namespace hearth::shard {
namespace {

using testing::ElementsAre;

TEST(Answers, SayWhatTheProtocolSays) {
  protocol::ClientIdSource ids(0);
  hub::Client client(ids.next(), {});
  RecordingOutlet outlet;
  Answers answers(outlet);
  answers.event(client, "news", R"({"n":1})");
  answers.ack(client, R"({"rooms":[]})", R"("7")");
  answers.error(client, "Invalid \"message\"");
  answers.error(client, protocol::request_error::kNotMember, {});
  answers.error(client, protocol::request_error::kNotMember, R"("8")");
  answers.error(client, protocol::request_error::kRoomRefused, R"("9")", R"(,"rooms":[7])");
  EXPECT_THAT(outlet.take(),
              ElementsAre(R"({"event":"news","data":{"n":1}})", R"({"event":"ack","data":{"rooms":[]},"id":"7"})",
                          R"({"event":"error","data":{"message":"Invalid \"message\""}})",
                          R"({"event":"error","data":{"message":"Not a member of the room"}})",
                          R"({"event":"error","data":{"message":"Not a member of the room","code":202},"id":"8"})",
                          R"({"event":"error","data":{"message":"Room refused","code":200,"rooms":[7]},"id":"9"})"));
}

}  // namespace
}  // namespace hearth::shard
