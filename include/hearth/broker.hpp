#pragma once

#include "hearth/block.hpp"
#include "hearth/duration_histogram.hpp"
#include "hearth/export.hpp"
#include "hearth/history.hpp"
#include "hearth/options.hpp"
#include "hearth/presence.hpp"
#include "hearth/target.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

/// Whom a message between instances is for, and what is subscribed to.
using BrokerAddress = Target;

/// A message between instances. A view: good for as long as the call that it is an argument of.
struct BrokerMessage {
  BrokerAddress address{};
  std::string_view event{};  ///< what has none is not published
  JsonView data{};
  JsonView from{};                         ///< the client that published it, for messages of clients to each other
  std::span<const std::string> exclude{};  ///< client ids; for rooms and everybody alone
  std::string_view key{};                  ///< what `slow_consumer = latest` keeps the newest of; for rooms alone
};

/// What instances say to each other, beside what is for clients (docs/protocol.md, section 3). A view, as above.
struct BrokerControl {
  std::string_view sender{};  ///< the instance that says it, by its Broker::instance_id
  std::string_view op{};      ///< what it is about
  JsonView message{};         ///< the whole object that came, `serverId`, `type` and `op` included
};

/// Longest control message, in bytes.
inline constexpr std::size_t kMaxControlSize = std::size_t{1} << 20;

enum class BrokerState : std::uint8_t {
  stopped,   ///< not started, or stopped
  ready,     ///< what is published goes out, and all that is subscribed to comes in
  degraded,  ///< the link is down or not whole: this instance is on its own, what it publishes waits
};

/// What a broker has counted since it started.
struct BrokerStatistics {
  std::uint64_t published = 0;      ///< messages that the other side has confirmed
  std::uint64_t dropped = 0;        ///< the oldest of those that waited, because more waited than may
  std::uint64_t unconfirmed = 0;    ///< under way when the link broke: they may have arrived, or not
  std::uint64_t refused = 0;        ///< that the other side would not take
  std::uint64_t received = 0;       ///< messages handed to the sink
  std::uint64_t malformed = 0;      ///< dropped, because they were no envelope
  std::uint64_t gaps = 0;           ///< times the sink was told of a gap
  std::uint64_t reconnects = 0;     ///< times that it became ready again
  std::uint64_t queued_bytes = 0;   ///< now waiting to go out
  std::uint64_t subscriptions = 0;  ///< addresses subscribed to now
  bool control = false;  ///< whether control messages of others arrive here; those who run Redis may forbid it
  /// From a message's leaving to its being confirmed; of what leaves together one is looked at. Empty if nobody looks.
  DurationHistogram round_trips{};
};

/// What a broker tells its server. The calls come from the broker's threads, or from threads that publish through
/// another broker, perhaps from several at a time, and without a lock of the broker's: they may call any member of the
/// broker but `start`. They must be quick. One that throws costs what it was called for.
class HEARTH_API BrokerSink {
 public:
  virtual ~BrokerSink() = default;
  virtual void message(const BrokerMessage& message) = 0;
  virtual void control(const BrokerControl& /*control*/) {}
  /// The blocks that are kept for all instances: after the first connecting, before `start` returns, and after every
  /// gap. Of those that this instance has had since before `known_since` and that are not among them, somebody else has
  /// taken back.
  virtual void blocks(std::span<const Block> /*blocks*/, std::chrono::system_clock::time_point /*known_since*/) {}
  /// Messages published by others between these two times may have been missed.
  virtual void gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) = 0;
  virtual void log(LogLevel level, std::string_view line) = 0;

  // Of a broker with a history. These come one at a time, those of a room in the order of its log.

  /// A publication in a room that is subscribed to, the server's own too.
  virtual void publication(const PublicationPtr& /*publication*/) {}
  /// These are subscribed to from now on, once more if they were before: what was published until now may have been
  /// missed, what comes from now on is on its way.
  virtual void subscribed(std::span<const BrokerAddress> /*addresses*/) {}
  /// Nothing that is subscribed to comes any more, until `subscribed` says so.
  virtual void lost() {}
  /// The store was out of reach for a while, and is there again: its logs may be those of another process, or have lost
  /// their ends, and what was read may not hold any more.
  virtual void store_changed() {}

  // Of a broker with presence.

  /// What another instance says of its members in a room that is watched. Those of an instance and room come in order.
  virtual void presence(std::string_view /*instance*/, const PresenceReport& /*report*/) {}
  /// A room is watched from now on, once more if it was before: what others have said until now may have been missed.
  virtual void presence_watched(std::string_view /*room*/) {}
};

/// What joins the instances of a cluster. A server has one, and a broker one server.
///
/// Delivery: at most once. A message published through one broker reaches the sinks of all others that are subscribed
/// to its address, and never its own. Broadcasts need no subscription.
/// Order: what one thread publishes arrives everywhere in that order, but for what is lost.
/// Threads: every member may be called from any thread, and all but start and stop from the shards' too, and so never
/// wait for anything but a short lock. No lock is held while the sink is called.
class HEARTH_API Broker {
 public:
  virtual ~Broker() = default;

  /// Returns when the broker is ready; throws std::runtime_error, which says why, if it does not become so, or if it is
  /// stopped meanwhile. Once only, ever (std::logic_error).
  virtual void start(BrokerSink& sink) = 0;
  /// From another thread, while `start` runs: has it end soon, by throwing. The default does nothing, so that whoever
  /// stops the server waits for `start`.
  virtual void cancel_start() {}
  /// Gives what waits a moment to go out. After it the sink is not called any more. Any thread, any number of times;
  /// nothing if it is not started. In a call of the sink it waits for nothing: no further call begins, those under way
  /// come to their end, and a `stop` from elsewhere waits for that.
  virtual void stop() = 0;

  virtual void publish(const BrokerMessage& message) = 0;

  /// Says something to every other instance: a JSON object with a string `op` that is not empty, in the order of what
  /// the same thread publishes. False if it does not go out: it is no such object, has members `serverId` or `type`,
  /// which the broker adds, or is longer than kMaxControlSize; the broker is not started; or it is of a kind that
  /// cannot do it.
  virtual bool control(JsonView /*message*/) { return false; }
  /// Has a block kept until it ends, for instances that start later or were cut off; one of the same user or token is
  /// replaced. Waits while the link is down. A kind that cannot do it does nothing.
  virtual void keep_block(const Block& /*block*/) {}
  /// Exactly one of the two is given.
  virtual void forget_block(std::string_view /*user*/, std::string_view /*token*/) {}

  /// What others know this instance by; empty if there is no such thing. Does not change.
  virtual std::string_view instance_id() const { return {}; }

  /// Subscriptions are counted: each is taken back by one unsubscribe. True if all of them are active, or cannot be
  /// made active now because the link is down; `done` is then not called. Otherwise it is called once, from a thread of
  /// the broker, when one of the two has come true; it must be quick. After `stop` it may not be called at all.
  virtual bool subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) = 0;
  /// The broker may wait a little before it gives up a subscription.
  virtual void unsubscribe(std::span<const BrokerAddress> addresses) = 0;

  virtual BrokerState state() const = 0;
  virtual BrokerStatistics statistics() const = 0;

  /// The logs of rooms that remember, if this kind of broker can keep any; lives as long as the broker. To be asked for
  /// before `start` by whoever wants `subscribed`, `lost` and `store_changed` of the sink.
  virtual History* history() noexcept { return nullptr; }
  /// Who is in the rooms of all instances, if this kind of broker can keep that; lives as long as the broker. To be
  /// asked for before `start` by whoever wants `presence` and `presence_watched` of the sink.
  virtual Presence* presence() noexcept { return nullptr; }
};

/// Joins the servers of one process: those whose brokers are made of the same exchange.
class HEARTH_API LocalExchange {
 public:
  LocalExchange();
  ~LocalExchange();
  LocalExchange(const LocalExchange&) = delete;
  LocalExchange& operator=(const LocalExchange&) = delete;

 private:
  friend class LocalBroker;
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

/// With an exchange of its own it joins nothing, which is what a server without a broker does at no cost. Its history
/// is in memory and as old as the exchange.
HEARTH_API std::shared_ptr<Broker> make_local_broker(const LocalExchange& exchange = {});

}  // namespace hearth
