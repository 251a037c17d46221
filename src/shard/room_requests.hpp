#pragma once

#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "log/log.hpp"
#include "net/counters.hpp"
#include "protocol/envelope.hpp"
#include "protocol/request_error.hpp"
#include "shard/answers.hpp"
#include "shard/handler_calls.hpp"
#include "shard/limit_hits.hpp"
#include "shard/present_rooms.hpp"
#include "shard/publication.hpp"
#include "shard/publishes.hpp"
#include "shard/remembered_rooms.hpp"
#include "shard/subscriptions.hpp"
#include "shard/turns.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// `join`, `leave` and `publish` (docs/protocol.md, Rooms and Publish). The shard's thread alone.
class RoomRequests {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    /// Has it delivered to all whom it is for, here and on other instances. `event`: its name, without escapes.
    virtual void publish(const Publication& publication, std::string_view event) = 0;
  };

  /// The other parts of the shard that this one works with.
  struct Parts {
    hub::Hub& hub;
    HandlerCalls& calls;
    Turns& turns;
    Subscriptions& subscriptions;
    Answers& answers;
    LimitHits& hits;
    Host& host;
    RememberedRooms* remembered = nullptr;  ///< null if no room remembers
    PresentRooms* present = nullptr;        ///< null if no room has presence
  };

  RoomRequests(const Options& options, log::Log log, const Parts& parts)
      : options_(options), log_(std::move(log)), at_(parts) {
    limit(options.limits);
  }

  void join(hub::Client& client, const protocol::Envelope& envelope);
  void leave(hub::Client& client, const protocol::Envelope& envelope);
  void publish(hub::Client& client, const protocol::Envelope& envelope);
  /// A client has been told where it stands in the rooms that it has joined.
  void located(const protocol::ClientId& id);
  /// Limits::rooms_per_client may have changed.
  void limit(const Limits& limits) noexcept {
    most_rooms_ = limits.rooms_per_client;
    is_dry_run_ = limits.dry_run;
  }
  /// A client has gone, whatever it waits for.
  void forget(const protocol::ClientId& id);
  /// From any thread: how many clients have made.
  std::uint64_t publications() const noexcept { return publications_.get(); }

 private:
  /// A room that a client may not join, as it came.
  struct Refusal {
    std::string json;
    protocol::RequestError why;
  };
  struct Join {
    std::vector<std::string> asked;  ///< that it may ask for
    std::vector<Refusal> refused;
    std::string id_json;
    std::vector<std::pair<std::string, history::Since>> since{};  ///< by room, each once
    std::optional<std::vector<std::string>> presence{};           ///< rooms in which it wants to be told who is there
    bool is_valid = true;
  };
  /// What a client wants to publish. Views into its message.
  struct Wish;
  struct OwnedWish;
  struct Decided;

  Join read_join(hub::Client& client, const protocol::Envelope& envelope);
  bool is_anothers_own(const hub::Client& client, std::string_view room) const;
  bool decided(hub::Client& client, Join join, Outcome<RoomDecisions> outcome);
  void enter(hub::Client& client, Join& join, const RoomDecisions& decisions);
  bool is_past_limit(const hub::Client& client);
  bool locate(hub::Client& client, Join join);
  void answer(hub::Client& client, Join join, std::string_view positions = {});
  void read_since(const hub::Client& client, const protocol::Envelope& envelope, Join& join);
  static void read_presence(const protocol::Envelope& envelope, Join& join);
  bool has_own_events() const noexcept { return at_.remembered != nullptr || at_.present != nullptr; }
  void watch(const hub::Client& client, const Join& join);
  void say(hub::Client& client, const Join& join, std::string_view positions);

  static std::optional<Wish> read_wish(const protocol::Envelope& envelope, std::string& room, std::string& event,
                                       bool remembers);
  void ask(hub::Client& client, const Wish& wish);
  void decided(hub::Client& client, const Wish& wish, Outcome<PublishDecision> outcome);
  void send(hub::Client& client, const Wish& wish, std::string_view data);
  void append(hub::Client& client, const Wish& wish, std::string_view data, const RoomRule& rule);
  Publishes::Answer answer_to(const OwnedWish& wish, const Result<Appended>& result);
  void appended(const protocol::ClientId& id, std::uint64_t number, Publishes::Answer answer);
  void answer_publish(hub::Client& client, Publishes::Answer answer);
  void refuse(hub::Client& client, const Wish& wish, const protocol::RequestError& error);
  bool is_default(std::string_view room) const;

  const Options& options_;
  const log::Log log_;
  const Parts at_;
  std::size_t most_rooms_ = 0;  // that a client may ask for; 0: any number
  bool is_dry_run_ = false;     // more are only counted
  std::string from_;            // scratch of `send`
  Publishes publishes_;
  net::Counter publications_;
  // Clients for whom a join is at work until they are told where they stand.
  boost::unordered_flat_set<protocol::ClientId, std::hash<protocol::ClientId>> locating_;
};

}  // namespace hearth::shard
