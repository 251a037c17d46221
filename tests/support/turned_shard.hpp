#pragma once

#include "hearth/options.hpp"
#include "support/test_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::net {
class Loop;
}

namespace hearth::test {

/// A real shard with real sockets, and without a thread: it turns when its clients wait for something or when the test
/// says so, and its clock stands still but for `advance`. So what has to do with time neither waits nor depends on how
/// fast the machine is. Coroutine handlers run between its turns, on the same thread; what they wait for is real. One
/// at a time.
class TurnedShard {
 public:
  /// Takes anybody, unless the options say something else. Every option is obeyed but those of a server as a whole:
  /// where to listen, threads, broker, rooms that remember. Of rooms with presence nobody is told, but the test.
  explicit TurnedShard(Options options = {});
  ~TurnedShard();
  TurnedShard(const TurnedShard&) = delete;
  TurnedShard& operator=(const TurnedShard&) = delete;

  /// A socket that the shard has accepted. The client does not outlive the shard.
  TestClient open();
  /// A client that has upgraded.
  TestClient connect();
  /// A client that has authenticated, as a user unless the name is empty.
  TestClient client(std::string_view user = {});

  /// Time goes on, and then the shard turns until there is nothing left to do.
  void advance(std::chrono::milliseconds time);
  /// Time goes on while the shard is held up: nothing happens.
  void stall(std::chrono::milliseconds time);
  /// Until nothing that has come or is due is left to do.
  void turn();
  void turn_once();

  std::size_t connections() const;
  /// What its loop has counted and timed.
  const net::Loop& loop() const;
  /// How often a limit was reached, by its name.
  std::uint64_t hits(std::string_view limit) const;
  /// Messages that did not get to somebody because too much was waiting.
  std::uint64_t dropped() const;
  /// Ids of the clients that are in a room, and of those that it has said to be there, if that has presence.
  std::set<std::string> members(std::string_view room) const;
  std::set<std::string> said_to_be_in(const std::string& room) const;
  /// An event to one client, as Server::send_to_client.
  void send(const std::string& client_id, std::string_view event, std::string_view data);
  /// The same to everybody.
  void broadcast(std::string_view event, std::string_view data);
  /// The same to a room, as Server::publish does in one that keeps no history.
  void publish(std::string_view room, std::string_view event, std::string_view data, std::string_view key = {});
  void disconnect(const std::string& client_id, std::uint16_t code, std::string_view reason);
  /// As Server::shutdown, with all the time in the world.
  void begin_shutdown();

 private:
  struct Surroundings;

  std::unique_ptr<Surroundings> around_;
};

}  // namespace hearth::test
