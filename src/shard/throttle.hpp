#pragma once

#include "hearth/limits.hpp"
#include "hub/hub.hpp"
#include "net/deadline_heap.hpp"
#include "shard/limit_hits.hpp"
#include "shard/outlet.hpp"
#include "shard/token_bucket.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <optional>

namespace hearth::shard {

/// Has clients send no more than they may: one that does is not read until it may send again, so that nothing of it is
/// lost (docs/protocol.md, Limits). The shard's thread alone.
class Throttle {
 public:
  /// For which a client may be at its limit without a break.
  static constexpr net::Millis kPatience{10'000};
  /// Without being held up, for that it is a break.
  static constexpr net::Millis kBreak{1'000};

  class Host {
   public:
    virtual ~Host() = default;
    /// Nothing more is to be read from it, for now.
    virtual void hold_up(hub::Client& client) = 0;
    /// As far as this is concerned, it may be read again.
    virtual void let_go(hub::Client& client) = 0;
  };

  Throttle(const Limits& limits, LimitHits& hits, const hub::Hub& hub, Outlet& outlet, Host& host)
      : limits_(limits), hits_(hits), hub_(hub), outlet_(outlet), host_(host) {}

  /// A connection has become a client.
  void connected(hub::Client& client, net::TimePoint now);
  /// It may send so many, in place of what everybody may; nothing: as everybody.
  void allow(hub::Client& client, const std::optional<Rate>& messages, net::TimePoint now);
  /// A client that is `limited` has sent a message.
  void count(hub::Client& client, std::size_t bytes, net::TimePoint now);
  void gone(const hub::Client& client);
  /// Other limits, for those that are there too. What a client may send alone stays.
  void update(const Limits& limits, net::TimePoint now);

  void expire(net::TimePoint now);
  std::optional<net::TimePoint> next() const { return held_.next(); }

 private:
  struct Meter {
    Refill refill;
    TokenBucket bucket;
  };
  /// What a client may send.
  struct Allowance {
    std::optional<Meter> messages;
    std::optional<Meter> bytes;
    net::TimePoint since;     ///< since then it has been at its limit
    net::TimePoint released;  ///< when it was let go
    bool has_own = false;     ///< `messages` is its own
  };

  static std::optional<Meter> meter(const std::optional<Rate>& rate, net::TimePoint now);
  static void set(std::optional<Meter>& meter, const std::optional<Rate>& rate, net::TimePoint now);
  void update(hub::Client& client, net::TimePoint now);
  void hold_up(hub::Client& client, Allowance& allowance, net::TimePoint now);

  Limits limits_;
  LimitHits& hits_;
  const hub::Hub& hub_;
  Outlet& outlet_;
  Host& host_;
  boost::unordered_flat_map<protocol::ClientId, Allowance, std::hash<protocol::ClientId>> allowances_;
  net::DeadlineHeap<protocol::ClientId> held_;
};

}  // namespace hearth::shard
