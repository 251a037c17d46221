#pragma once

#include "hearth/history.hpp"
#include "sim/store.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace hearth::sim {

/// From a node to the store.
struct Request {
  enum class Kind : std::uint8_t { append, read, tops, subscribe, unsubscribe, load_script };
  Kind kind = Kind::append;
  std::uint32_t room = 0;
  std::uint32_t id = 0;                ///< of what waits for the answer
  std::uint64_t after = 0;             ///< read
  std::uint32_t count = 0;             ///< read
  Process process{};                   ///< append, read: what the node knows of the store's
  std::uint32_t publisher = 0;         ///< append: the process of the node
  std::uint64_t sequence = 0;          ///< append
  std::uint64_t previous = 0;          ///< append
  Draft draft{};                       ///< append
  std::vector<std::uint32_t> rooms{};  ///< tops
};

/// From the store to a node.
struct Reply {
  enum class Kind : std::uint8_t { appended, page, tops, subscribed, publication, refused, no_script, out_of_order };
  Kind kind = Kind::appended;
  std::uint32_t room = 0;
  std::uint32_t id = 0;
  Request::Kind to = Request::Kind::append;  ///< what is refused, or not looked at
  bool is_branch = false;                    ///< a branch began with it
  Appended appended{};
  PublicationPtr publication{};
  LogPage page{};
  std::vector<LogTop> tops{};
};

/// A connection of a node's to a server of the store. What is sent comes in that order, or not at all once the
/// connection has broken.
struct Link {
  enum class State : std::uint8_t { down, connecting, up };
  State state = State::down;
  std::uint32_t node = 0;
  std::uint32_t generation = 0;  ///< of the connection: what is under way for a former one finds another number
  std::uint32_t server = 0;
  Process process{};
  std::uint8_t channels = 0;  ///< by room, what the server knows of
  std::deque<Request> out;
  std::deque<Reply> in;
  std::int64_t last_out = 0;  ///< when the last that is under way comes
  std::int64_t last_in = 0;
  int cut_out = 0;  ///< how many faults cut it now
  int cut_in = 0;
  std::uint32_t held_out = 0;  ///< messages that wait for the cut to end
  std::uint32_t held_in = 0;
};

/// A process of the store.
struct Server {
  explicit Server(Logs its_logs) : logs(std::move(its_logs)) {}
  Logs logs;
  Process process{};
  bool alive = true;
  bool has_script = true;
  std::int64_t stopped_until = 0;
  std::int64_t refuses_until = 0;
};

}  // namespace hearth::sim
