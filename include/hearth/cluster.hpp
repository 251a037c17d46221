#pragma once

#include "hearth/block.hpp"
#include "hearth/broker.hpp"
#include "hearth/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hearth {

/// What all instances of a cluster are asked (Server::ask_cluster).
struct ClusterQuestion {
  enum class About : std::uint8_t {
    node,    ///< itself
    client,  ///< the client with the id `name`
    user,    ///< the clients of the user `name`
    room,    ///< how many are in the room `name`, and who the first are
    blocks,  ///< who is kept out
  };

  About about = About::node;
  std::string name{};
};

/// What an instance says of itself.
struct NodeReport {
  std::string version{};                               ///< of the library
  std::chrono::system_clock::time_point started_at{};  ///< by its own clock
  std::chrono::system_clock::time_point time{};        ///< its clock when it answered
  std::uint64_t clients = 0;                           ///< authenticated ones
  std::uint64_t connections = 0;
  BrokerState broker_state = BrokerState::stopped;
  bool draining = false;
};

/// What one instance has answered, or that it has not.
struct NodeAnswer {
  std::string id{};    ///< Broker::instance_id; empty without a broker that has such a thing
  std::string name{};  ///< its Options::identifier
  bool answered = false;
  bool is_whole = true;                   ///< false: there is more than fits into an answer
  NodeReport node{};                      ///< in every answer
  std::vector<ClientSnapshot> clients{};  ///< that were asked for; at most 100 rooms of each
  std::uint64_t members = 0;              ///< of the room
  std::vector<Block> blocks{};
};

}  // namespace hearth
