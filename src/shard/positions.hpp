#pragma once

#include "history/audience.hpp"
#include "protocol/client_id.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Joins that wait until it is known where the client stands in each of its rooms: their answer comes before anything
/// that follows it. A client has one at a time, for something is at work for it meanwhile. The shard's thread alone.
class Positions {
 public:
  /// `positions` is the JSON object of the answer.
  using Then = std::function<void(const protocol::ClientId&, std::string_view positions)>;

  /// Of these rooms, which are different ones and at least one, in this order.
  void await(const protocol::ClientId& client, std::vector<std::string> rooms, Then then);
  /// Whether what comes in a room after it was told of it is held back, because another is not known yet.
  bool is_held(const protocol::ClientId& client, std::string_view room) const;

  /// Where it stands in a room; null: nothing is known, and nothing will be. A second word takes the place of the
  /// first.
  void tell(const protocol::ClientId& client, std::string_view room, const history::JoinAnswer* answer);
  /// The same for one whose continuity was broken before it was told anything.
  void tell(const protocol::ClientId& client, std::string_view room, const history::Gap& gap);

  /// The client has gone. True if it was waiting.
  bool forget(const protocol::ClientId& client) { return waiting_.erase(client) > 0; }
  /// Those from whom something was held back and is not any more, since the last call.
  std::vector<protocol::ClientId> take_released() { return std::exchange(released_, {}); }

 private:
  struct Room {
    std::string json{};  // empty: not known yet
    history::JoinAnswer answer{};
  };
  struct Waiting {
    std::vector<std::string> order;
    boost::unordered_flat_map<std::string, Room, protocol::NameHash, std::equal_to<>> rooms;
    std::size_t unknown;
    Then then;
  };

  void finish(const protocol::ClientId& client);

  boost::unordered_flat_map<protocol::ClientId, Waiting, std::hash<protocol::ClientId>> waiting_;
  std::vector<protocol::ClientId> released_;
};

}  // namespace hearth::shard
