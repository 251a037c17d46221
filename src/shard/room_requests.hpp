#pragma once

#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "log/log.hpp"
#include "protocol/envelope.hpp"
#include "protocol/request_error.hpp"
#include "shard/answers.hpp"
#include "shard/handler_calls.hpp"
#include "shard/publication.hpp"
#include "shard/subscriptions.hpp"
#include "shard/turns.hpp"

#include <optional>
#include <string>
#include <string_view>
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
    Host& host;
  };

  RoomRequests(const Options& options, log::Log log, const Parts& parts)
      : options_(options), log_(std::move(log)), at_(parts) {}

  void join(hub::Client& client, const protocol::Envelope& envelope);
  void leave(hub::Client& client, const protocol::Envelope& envelope);
  void publish(hub::Client& client, const protocol::Envelope& envelope);

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
  };
  /// What a client wants to publish. Views into its message.
  struct Wish;
  struct OwnedWish;

  Join read_join(hub::Client& client, const protocol::Envelope& envelope);
  bool is_anothers_own(const hub::Client& client, std::string_view room) const;
  bool decided(hub::Client& client, Join join, Outcome<RoomDecisions> outcome);
  void enter(hub::Client& client, Join& join, const RoomDecisions& decisions);
  void answer(hub::Client& client, const Join& join);

  static std::optional<Wish> read_wish(const protocol::Envelope& envelope, std::string& room, std::string& event);
  void ask(hub::Client& client, const Wish& wish);
  void decided(hub::Client& client, const Wish& wish, Outcome<PublishDecision> outcome);
  void send(hub::Client& client, const Wish& wish, std::string_view data);
  void refuse(hub::Client& client, const Wish& wish, const protocol::RequestError& error);
  bool is_default(std::string_view room) const;

  const Options& options_;
  const log::Log log_;
  const Parts at_;
  std::string from_;  // scratch of `send`
};

}  // namespace hearth::shard
