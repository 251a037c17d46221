#pragma once

#include "hearth/options.hpp"
#include "hub/attendance.hpp"
#include "hub/hub.hpp"
#include "shard/handler_calls.hpp"
#include "shard/turns.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Tells the handlers `room_joined` and `room_left` who comes into rooms whose rule has `events`, and who leaves them.
/// What happens is noted, and told when nobody is in the middle of anything; those of a client in order and one at a
/// time, also after it has gone. The shard's thread alone.
class RoomEvents final : public hub::Attendance {
 public:
  /// Says whether a room with this name is to be told of.
  using IsWanted = std::function<bool(std::string_view room)>;

  RoomEvents(const Options& options, HandlerCalls& calls, Turns& turns, const hub::Hub& hub, IsWanted is_wanted)
      : options_(options), calls_(calls), turns_(turns), hub_(hub), is_wanted_(std::move(is_wanted)) {}

  /// Whether anybody wants to know.
  bool any() const noexcept { return options_.room_joined || options_.room_left; }

  // hub::Attendance
  bool is_taken(std::string_view room) const override { return any() && is_wanted_(room); }
  void joined(const hub::Client& client, const hub::Room& room) override;
  void not_joined(const hub::Client& client, const hub::Room& room) noexcept override;
  void left(const hub::Client& client, const hub::Room& room) override;

  /// A client has authenticated: from now on it is told of, and that it is in the rooms that it was put in.
  void admitted(const hub::Client& client);

  /// Whether something was noted that is to be told.
  bool has_news() const noexcept { return !news_.empty(); }
  /// Tells what was noted. Handlers may do anything.
  void tell();
  /// Whether a coroutine listens to something of a client.
  bool is_telling(const protocol::ClientId& client) const { return lines_.contains(client); }
  /// Calls `then` when all that was told of a client has been listened to.
  void when_told(const protocol::ClientId& client, std::function<void()> then);

 private:
  struct Event {
    protocol::ClientId client;
    bool has_joined;
    std::optional<std::string> user_id;
    std::string room;
    ClientContext context;
  };
  /// A client of whom an event is being listened to by a coroutine.
  struct Line {
    std::deque<Event> waiting{};
    bool holds_turn = false;  ///< the client itself waits meanwhile
    std::function<void()> then{};
  };

  void note(const hub::Client& client, const hub::Room& room, bool has_joined);
  void begin(Event event);
  bool call(const Event& event);
  void go_on(const protocol::ClientId& client);

  const Options& options_;
  HandlerCalls& calls_;
  Turns& turns_;
  const hub::Hub& hub_;
  const IsWanted is_wanted_;
  std::vector<Event> news_;
  boost::unordered_flat_map<protocol::ClientId, Line, std::hash<protocol::ClientId>> lines_;
};

}  // namespace hearth::shard
