// What one server makes of several shards.

#include "support/coroutines.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <set>
#include <thread>

namespace hearth::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr unsigned kShards = 4;

// A client's id ends with the number of its shard.
unsigned shard_of(const TestClient& client) {
  return static_cast<unsigned>(std::stoul(client.id().substr(34), nullptr, 16));
}

/// `each` clients on every shard, those of a shard side by side.
std::vector<TestClient> clients_on_every_shard(const TestServer& server, std::size_t each) {
  std::vector<std::vector<TestClient>> found(kShards);
  const auto full = [&](const auto& clients) { return clients.size() == each; };
  while (!std::all_of(found.begin(), found.end(), full)) {
    TestClient client = server.client();
    auto& clients = found.at(shard_of(client));
    if (clients.size() < each) clients.push_back(std::move(client));
  }
  std::vector<TestClient> all;
  for (auto& clients : found) std::move(clients.begin(), clients.end(), std::back_inserter(all));
  eventually("the superfluous ones to be gone", [&] { return server.server().clients().size() == all.size(); });
  return all;
}

std::string numbered(int number) { return R"({"event":"n","data":)" + std::to_string(number) + '}'; }

TEST(Shards, ClientsAreSpreadOverThem) {
  TestServer server;
  server.start({.threads = kShards});
  const auto clients = clients_on_every_shard(server, 2);
  std::set<unsigned> shards;
  for (const TestClient& client : clients) shards.insert(shard_of(client));
  EXPECT_THAT(shards, SizeIs(kShards));
  EXPECT_THAT(server->clients_in_room("ws-default"), SizeIs(clients.size()));
}

TEST(Shards, WhatAHandlerSendsArrivesInOrderOnAllOfThem) {
  constexpr int kMessages = 700;
  TestServer server;
  server.start({.threads = kShards, .message = [&](const Message& message) {
                  const std::string to(message.data.parse().as_string());
                  // Of these two alone: what others have had done to `to` may not have come to its shard yet.
                  const std::string visited = std::string("visited ").append(message.client_id).append(to);
                  const std::string own = std::string("own ").append(message.client_id).append(to);
                  for (int i = 0; i < kMessages; ++i) {
                    switch (i % 7) {
                      case 0:
                        server->send_to_client(to, "n", i);
                        break;
                      case 1:
                        server->send_to_room(to, "n", i);
                        break;
                      case 2:
                        server->send(to, "n", i);
                        break;
                      case 3:
                        server->join_room(to, visited);
                        server->send_to_room(visited, "n", i);
                        server->leave_room(to, visited);
                        break;
                      case 4:
                        server->send_to_user("of " + to, "n", i);
                        server->send_to_client(to, "n", i);
                        break;
                      case 5:
                        server->send(visited, "n", i);
                        server->send_to_client(to, "n", i);
                        break;
                      default:
                        server->join_room(to, own);
                        server->send(own, "n", i);
                        server->leave_room(to, own);
                    }
                  }
                }});
  std::vector<TestClient> clients = clients_on_every_shard(server, 1);
  for (TestClient& from : clients) {
    for (TestClient& to : clients) {
      from.send(envelope("go", '"' + to.id() + '"'));
      for (int i = 0; i < kMessages; ++i) ASSERT_EQ(to.next(), numbered(i));
    }
  }
}

TEST(Shards, OneThreadsMessagesArriveInOrderOnAllOfThem) {
  constexpr int kMessages = 2000;
  TestServer server;
  server.start({.threads = kShards});
  std::vector<TestClient> clients = clients_on_every_shard(server, 2);
  for (int i = 0; i < kMessages; ++i) {
    if (i % 2 == 0) {
      server->broadcast("n", i);
    } else {
      server->send_to_room("ws-default", "n", i);
    }
  }
  for (TestClient& client : clients) {
    for (int i = 0; i < kMessages; ++i) ASSERT_EQ(client.next(), numbered(i));
    EXPECT_THAT(client.rest(), IsEmpty());
  }
}

TEST(Shards, OneClientsPublicationsArriveInOrderOnAllOfThem) {
  constexpr int kMessages = 1000;
  TestServer server;
  server.start({.threads = kShards, .client_publish = true, .validate_room = allow_all});
  std::vector<TestClient> clients = clients_on_every_shard(server, 2);
  for (TestClient& client : clients) client.join("r");
  const std::vector<std::size_t> publishers{0, 2, 7};
  std::string burst;
  for (int i = 0; i < kMessages; ++i) {
    burst += masked_frame(kText, envelope("publish", R"({"room":"r","event":"n","data":)" + std::to_string(i) + '}'));
  }
  {
    std::vector<std::jthread> writers;
    for (const std::size_t publisher : publishers)
      writers.emplace_back([&, publisher] { clients[publisher].write(burst); });
  }
  for (TestClient& client : clients) {
    std::map<std::string, int> next;
    for (std::size_t i = 0; i < kMessages * publishers.size(); ++i) {
      const std::string message = client.next();
      const auto from = message.find(R"(,"from":{"id":")");
      ASSERT_NE(from, std::string::npos) << message;
      ASSERT_EQ(message.substr(0, from) + '}', numbered(next[message.substr(from)]++));
    }
    EXPECT_THAT(next, SizeIs(publishers.size()));
    EXPECT_THAT(client.rest(), IsEmpty());
  }
}

TEST(Shards, AUserMayHaveClientsOnAllOfThem) {
  TestServer server;
  server.start({.threads = kShards, .authenticate = [](const AuthenticateRequest&) {
                  AuthenticateResult result;
                  result.emplace();
                  result->user_id = "ada";
                  return result;
                }});
  std::vector<TestClient> clients = clients_on_every_shard(server, 2);
  EXPECT_THAT(server->clients_of_user("ada"), SizeIs(clients.size()));
  server->send_to_user("ada", "n", 1);
  for (TestClient& client : clients) EXPECT_EQ(client.next(), numbered(1));
}

TEST(Shards, ExclusionHoldsOnAllOfThem) {
  TestServer server;
  server.start({.threads = kShards, .message = [&](const Message& message) {
                  const std::vector<std::string> exclude{std::string(message.client_id),
                                                         std::string(message.data.parse().as_string())};
                  server->broadcast("n", 1, exclude);
                  server->send_to_room("ws-default", "n", 2, exclude);
                }});
  std::vector<TestClient> clients = clients_on_every_shard(server, 2);
  TestClient& sender = clients[0];
  TestClient& other = clients[5];
  sender.send(envelope("go", '"' + other.id() + '"'));
  for (TestClient& client : clients) {
    if (&client == &sender || &client == &other) continue;
    EXPECT_EQ(client.next(), numbered(1));
    EXPECT_EQ(client.next(), numbered(2));
  }
  server.fence();
  EXPECT_THAT(sender.rest(), IsEmpty());
  EXPECT_THAT(other.rest(), IsEmpty());
}

TEST(Shards, HandlersReachClientsOfOtherShards) {
  TestServer server;
  server.start({.threads = kShards, .message = [&](const Message& message) {
                  const std::string to(message.data.parse().as_string());
                  if (message.event == "pull in") server->join_room(to, "r");
                  if (message.event == "put out") server->leave_room(to, "r");
                  if (message.event == "cut off") server->disconnect(to, 4444, "by another");
                }});
  std::vector<TestClient> clients = clients_on_every_shard(server, 1);
  for (TestClient& client : clients) clients[0].send(envelope("pull in", '"' + client.id() + '"'));
  eventually("all in the room", [&] { return server->clients_in_room("r").size() == kShards; });
  for (TestClient& client : clients) clients[1].send(envelope("put out", '"' + client.id() + '"'));
  eventually("none in the room", [&] { return server->clients_in_room("r").empty(); });
  for (TestClient& client : clients) clients.back().send(envelope("cut off", '"' + client.id() + '"'));
  for (TestClient& client : clients) EXPECT_EQ(client.expect_close(), (CloseFrame{4444, "by another"}));
}

TEST(Shards, RoomsAreJoinedAndLeftFromManyThreads) {
  TestServer server;
  server.start({.threads = kShards});
  std::vector<TestClient> clients = clients_on_every_shard(server, 4);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        const std::string own = std::string("thread ") + std::to_string(thread);
        for (int i = 0; i < 50; ++i) {
          for (const TestClient& client : clients) server->join_room(client.id(), own);
          server->send_to_room(own, "n", i);
          if (server->clients_in_room(own).size() != clients.size()) ++wrong;
          for (const TestClient& client : clients) server->leave_room(client.id(), own);
          server->send_to_room(own, "never");
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  for (TestClient& client : clients) {
    EXPECT_THAT(client.rest(), SizeIs(200));
    EXPECT_THAT(server->client(client.id())->rooms, SizeIs(3));
  }
}

TEST(Shards, ConnectionsComeAndGoWhileOthersAreSentTo) {
  std::atomic<int> connected = 0;
  std::atomic<int> disconnected = 0;
  TestServer server;
  server.start({.threads = kShards,
                .client_connected = [&](const ClientConnected&) { ++connected; },
                .client_disconnected = [&](const ClientDisconnected&) { ++disconnected; }});
  constexpr int kRounds = kSanitized ? 20 : 100;
  std::atomic<bool> stop = false;
  std::jthread sender([&] {
    for (int i = 0; !stop; ++i) {
      server->broadcast("n", i);
      server->send_to_user("ada", "n", i);
      static_cast<void>(server->clients());
      static_cast<void>(server->statistics());
    }
  });
  {
    std::vector<std::jthread> comers;
    for (int thread = 0; thread < 2; ++thread) {
      comers.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          TestClient first = server.client("ada");
          TestClient second = server.client("ada");
          first.expect("n");
          second.drop(true);
          first.drop();
        }
      });
    }
  }
  stop = true;
  sender.join();
  eventually("all to be gone", [&] { return disconnected == 4 * kRounds; });
  EXPECT_EQ(connected, 4 * kRounds);
  EXPECT_EQ(server->statistics().clients_authenticated, 0U);
}

TEST(Shards, ShutDownInTheMiddleOfEverything) {
  std::atomic<int> connected = 0;
  std::atomic<int> disconnected = 0;
  std::atomic<bool> stop = false;
  TestServer server;
  server.start(
      {.threads = kShards,
       .validate_room = as_coroutine<std::vector<std::string>, ValidateRoomRequest>(allow_all, 0ms),
       .client_connected = [&](const ClientConnected&) { ++connected; },
       .client_disconnected = as_coroutine<void, ClientDisconnected>([&](const auto&) { ++disconnected; }, 0ms),
       .message = [&](const Message& message) { server->broadcast(message.event, message.data); }});
  std::vector<TestClient> clients = clients_on_every_shard(server, 3);
  std::vector<std::jthread> threads;
  for (TestClient& client : clients) {
    threads.emplace_back([&] {
      try {
        for (int i = 0;; ++i) {
          client.send(envelope("n", std::to_string(i)));
          client.send(envelope("join", R"({"rooms":["r"]})"));
          client.next();
        }
      } catch (const std::runtime_error&) {
        client.drop();  // it was closed
      }
    });
  }
  threads.emplace_back([&] {
    while (!stop) server->broadcast("n", 0);
  });
  eventually("some traffic", [&] { return server->statistics().messages_received > 1000; });
  server->shutdown(kPatience);
  stop = true;
  threads.clear();
  EXPECT_EQ(server->statistics().connections_open, 0U);
  EXPECT_EQ(disconnected, connected);
}

}  // namespace
}  // namespace hearth::test
