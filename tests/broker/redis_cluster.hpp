#pragma once

#include "redis/slots.hpp"
#include "support/patience.hpp"
#include "support/redis_server.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// Three redis-servers that are a Cluster, each the master of a third of the slots.
class ClusterServers {
 public:
  static constexpr std::size_t kMasters = 3;

  ClusterServers() {
    constexpr std::uint16_t kShare = redis::kSlots / kMasters + 1;
    for (std::size_t i = 0; i < kMasters; ++i) {
      const auto first = static_cast<std::uint16_t>(i * kShare);
      const auto last = static_cast<std::uint16_t>(std::min<std::size_t>(first + kShare, redis::kSlots) - 1);
      nodes_[i].command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
      nodes_[i].command({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    }
    for (std::size_t i = 0; i < kMasters; ++i) {
      for (std::size_t j = 0; j < i; ++j) meet(nodes_[i], nodes_[j]);
    }
    for (const RedisServer& node : nodes_) {
      eventually("the Cluster to be whole", [&] {
        return says(node, {"CLUSTER", "INFO"}, "cluster_state:ok") &&
               node.command({"CLUSTER", "SLOTS"}).integer() == kMasters && connected_nodes(node) == kMasters;
      });
    }
  }

  static std::vector<std::string> options() {
    return {"--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"};
  }

  RedisServer& node(std::size_t number) { return nodes_[number]; }
  const std::array<RedisServer, kMasters>& nodes() const { return nodes_; }
  /// Of the room's slot, as they were made.
  RedisServer& master_of(std::string_view room) { return nodes_[place_of(room)]; }
  static std::size_t place_of(std::string_view room) { return place_of_slot(slot_of(room)); }
  static std::size_t place_of_slot(std::uint16_t slot) { return slot / (redis::kSlots / kMasters + 1); }
  static std::uint16_t slot_of(std::string_view room) { return redis::slot_of("hearth:{" + std::string(room) + "}:"); }
  /// A room whose slot has that master.
  static std::string room_at(std::size_t place) {
    for (int i = 0;; ++i) {
      std::string room = "room" + std::to_string(i);
      if (place_of(room) == place) return room;
    }
  }

  /// Through one node, that knows the others.
  std::string url(std::size_t number = 0) const {
    return "redis-cluster://127.0.0.1:" + std::to_string(nodes_[number].port());
  }
  /// Nothing is kept any more.
  void flush() const {
    for (const RedisServer& node : nodes_) node.command({"FLUSHALL"});
  }

  /// A replica of one of them that is in step, and takes over when it is told to, and only then.
  std::unique_ptr<RedisServer> attach(std::size_t to) const {
    std::vector<std::string> options = ClusterServers::options();
    options.insert(options.end(), {"--cluster-replica-no-failover", "yes"});
    auto replica = std::make_unique<RedisServer>(options);
    for (const RedisServer& node : nodes_) meet(*replica, node);
    const std::string id(nodes_[to].command({"CLUSTER", "MYID"}).text());
    eventually("it to be a replica", [&] { return replica->command({"CLUSTER", "REPLICATE", id}).text() == "OK"; });
    eventually("it to be in step", [&] { return says(*replica, {"INFO", "replication"}, "master_link_status:up"); });
    for (const RedisServer& node : nodes_) {
      eventually("all to know whose it is", [&] { return says(node, {"CLUSTER", "NODES"}, ' ' + id + ' '); });
    }
    return replica;
  }
  /// When its master is dead.
  static void take_over(const RedisServer& replica) {
    eventually("it to begin", [&] { return replica.command({"CLUSTER", "FAILOVER", "FORCE"}).text() == "OK"; });
  }

  static bool says(const RedisServer& node, std::initializer_list<std::string_view> question, std::string_view text) {
    return node.command(question).text().find(text) != std::string_view::npos;
  }
  /// How many nodes of its Cluster it has a connection with, itself included.
  static std::size_t connected_nodes(const RedisServer& node) {
    const std::string nodes(node.command({"CLUSTER", "NODES"}).text());
    std::size_t count = 0;
    for (std::size_t at = nodes.find(" connected"); at != std::string::npos; at = nodes.find(" connected", at + 1)) {
      ++count;
    }
    return count;
  }

 private:
  static void meet(const RedisServer& one, const RedisServer& other) {
    one.command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(other.port())});
  }

  std::array<RedisServer, kMasters> nodes_{RedisServer(options()), RedisServer(options()), RedisServer(options())};
};

/// One for all tests of this process that leave it as they found it, but for what is kept; starting one takes seconds.
inline ClusterServers& shared_cluster() {
  static ClusterServers cluster;
  return cluster;
}

}  // namespace hearth::test
