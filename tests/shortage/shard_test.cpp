// Memory is short for a moment, at any place of what a shard does: that costs the connection, the letter or the timer
// that was being worked on, and nobody else anything (docs/architecture.md, Handlers).

#include "shortage/failing_allocation.hpp"
#include "support/test_server.hpp"
#include "support/turned_shard.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

/// Everything that the work of one turn meets.
struct World {
  TurnedShard shard;
  TestClient bystander;  // in room `r`
  TestClient client;     // whom the work is for, in room `r` too
  std::vector<std::string> gone{};
  bool gone_soon = false;  // the client is to go, and the application to be told of that

  explicit World(Options options)
      : shard(std::move(options)), bystander(shard.client("bo")), client(shard.client("ada")) {
    bystander.join("r");
    client.join("r");
    gone.reserve(8);
  }
};

Options options_with(World*& world) {
  Options options;
  options.client_publish = true;
  options.validate_room = allow_all;
  RoomRule seen;
  seen.pattern = {"seen:*"};
  seen.presence = RoomPresence::members;
  options.room_rules = RoomRules({seen});
  options.heartbeat_interval = 10ms;
  options.heartbeat_timeout = 10s;
  options.authenticate = accept_anybody;
  options.client_disconnected = [&world](const ClientDisconnected& gone) {
    world->gone.emplace_back(gone.user_id.value_or(""));
  };
  options.message = [&world](const Message& message) {
    world->shard.send(std::string(message.client_id), "answer", R"("a text that is longer than what fits in itself")");
  };
  return options;
}

// What the bystander can do afterwards is what it could before.
void expect_all_well(World& world, std::uint64_t failed) {
  SCOPED_TRACE("after the failure of allocation " + std::to_string(failed));
  TestClient another = world.shard.client("cy");
  another.join("r");
  another.send(envelope("publish", R"({"room":"r","event":"after","data":1})"));
  EXPECT_EQ(event_of(world.bystander.wait_for("after")), "after");
  world.bystander.send(envelope("question"));
  EXPECT_EQ(event_of(world.bystander.wait_for("answer")), "answer");
  EXPECT_EQ(world.bystander.leave("r").find("error"), std::string::npos);
  if (world.gone_soon) {
    EXPECT_THAT(world.gone, testing::ElementsAre("ada"));
  }
}

void turn(World& world) { world.shard.turn(); }

/// Does the work again and again in fresh worlds; each time one more allocation of the turns that it takes goes well
/// before one fails. Returns how many have failed.
std::uint64_t fail_each(const std::function<void(World&)>& prepare, const std::function<void(World&)>& work,
                        const std::function<void(World&)>& check = {}) {
  for (std::uint64_t allocation = 0;; ++allocation) {
    World* here = nullptr;
    World world(options_with(here));
    here = &world;
    prepare(world);
    bool has_failed = false;
    {
      const FailingAllocation failing(allocation);
      work(world);
      has_failed = failing.has_failed();
    }
    if (!has_failed) return allocation;
    world.shard.turn();
    expect_all_well(world, allocation);
    if (check) check(world);
    if (testing::Test::HasFailure()) return allocation;
  }
}

TEST(Shortage, OfAClientThatUpgrades) {
  std::vector<TestClient> upgrading;
  EXPECT_GT(fail_each(
                [&](World& world) {
                  upgrading.clear();
                  upgrading.push_back(world.shard.open());
                  upgrading.back().write(
                      "GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
                },
                turn),
            0U);
}

TEST(Shortage, OfAClientThatAuthenticates) {
  std::vector<TestClient> newcomer;
  EXPECT_GT(
      fail_each(
          [&](World& world) {
            newcomer.clear();
            newcomer.push_back(world.shard.connect());
            newcomer.back().send(envelope("authenticate", R"({"userId":"a user of a name that is rather long"})", "1"));
          },
          turn),
      0U);
}

TEST(Shortage, OfAJoin) {
  EXPECT_GT(
      fail_each(
          [](World& world) {
            world.client.send(envelope("join", R"({"rooms":["a room of a name that is rather long","s","t"]})", "1"));
          },
          turn),
      0U);
}

// Who is in a room is said to be, and nobody else.
TEST(Shortage, OfWhatIsSaidOfWhoIsInARoom) {
  const auto all_are_said = [](World& world) {
    turn(world);
    for (const std::string room : {"seen:a room of a name that is rather long", "seen:s"}) {
      EXPECT_EQ(world.shard.said_to_be_in(room), world.shard.members(room));
    }
  };
  EXPECT_GT(fail_each(
                [](World& world) {
                  const std::string rooms = R"(["seen:a room of a name that is rather long","seen:s"])";
                  world.bystander.join("seen:s");
                  world.client.send(envelope("join", R"({"rooms":)" + rooms + R"(,"presence":)" + rooms + '}', "1"));
                },
                turn, all_are_said),
            0U);
  EXPECT_GT(fail_each(
                [](World& world) {
                  for (TestClient* client : {&world.bystander, &world.client}) client->join("seen:s");
                  world.client.send(envelope("leave", R"({"rooms":["seen:s"]})", "1"));
                },
                turn, all_are_said),
            0U);
}

TEST(Shortage, OfALeave) {
  fail_each([](World& world) { world.client.send(envelope("leave", R"({"rooms":["r"]})", "1")); }, turn);
}

TEST(Shortage, OfAPublication) {
  EXPECT_GT(fail_each(
                [](World& world) {
                  world.client.send(envelope("publish", R"({"room":"r","event":"early","data":"\u0041 text"})", "1"));
                },
                turn),
            0U);
}

TEST(Shortage, OfAMessageAndItsAnswer) {
  EXPECT_GT(fail_each([](World& world) { world.client.send(envelope("ask", R"({"n":[1,2,3]})", "id")); }, turn), 0U);
}

TEST(Shortage, OfAMessageInPieces) {
  EXPECT_GT(fail_each(
                [](World& world) {
                  world.client.send_frame(1, R"({"event":)", false);
                  world.client.send_frame(0, R"("ask"})", true);
                },
                turn),
            0U);
}

TEST(Shortage, OfABacklog) {
  EXPECT_GT(fail_each(
                [](World& world) {
                  for (int i = 0; i < 20; ++i) {
                    world.shard.send(world.client.id(), "big", '"' + std::string(std::size_t{64} * 1024, 'x') + '"');
                  }
                },
                turn),
            0U);
}

TEST(Shortage, OfALetter) {
  fail_each([](World& world) { world.shard.send(world.client.id(), "news", R"({"n":1})"); }, turn);
}

TEST(Shortage, OfADisconnection) {
  EXPECT_GT(fail_each([](World& world) { world.shard.disconnect(world.client.id(), 4100, "go"); }, turn), 0U);
}

// Whatever fails, the application is told once that it has gone, with the user that it was.
TEST(Shortage, OfAClientThatGoes) {
  EXPECT_GT(fail_each([](World& world) { world.client.drop(); },
                      [](World& world) {
                        turn(world);
                        world.gone_soon = true;
                      }),
            0U);
}

TEST(Shortage, OfATimer) {
  EXPECT_GT(fail_each(
                [](World& world) {
                  world.shard.advance(9s);
                  world.bystander.send(R"({"event":"heartbeat"})");
                  world.shard.advance(20ms);
                },
                [](World& world) { world.shard.advance(2s); }),
            0U);
}

}  // namespace
}  // namespace hearth::test
