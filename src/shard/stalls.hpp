#pragma once

#include "hub/hub.hpp"
#include "net/deadline_heap.hpp"
#include "protocol/client_id.hpp"
#include "shard/outlet.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <optional>

namespace hearth::shard {

/// Members who are behind and wait for their socket: closes those of whom it has taken nothing for too long. The
/// shard's thread alone.
class Stalls {
 public:
  using IsBehind = bool (*)(const hub::Client&);

  /// `is_behind`: in any room; it may have left that in which it was.
  Stalls(const hub::Hub& hub, Outlet& outlet, net::Millis timeout, IsBehind is_behind)
      : hub_(hub), outlet_(outlet), timeout_(timeout), is_behind_(is_behind) {}

  /// It is waited for from now on, if it was not already.
  void waits(const hub::Client& client, net::TimePoint now);
  /// Everything that waited for it has left.
  void goes_on(const hub::Client& client);
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> next() const noexcept { return heap_.next(); }
  std::size_t size() const noexcept { return waits_.size(); }

 private:
  void judge(const protocol::ClientId& id, net::TimePoint now);

  const hub::Hub& hub_;
  Outlet& outlet_;
  const net::Millis timeout_;
  const IsBehind is_behind_;
  // Since when it waits; nothing: it does not. Each is in the heap once, and stays here until it is taken out there.
  boost::unordered_flat_map<protocol::ClientId, std::optional<net::TimePoint>, std::hash<protocol::ClientId>> waits_;
  net::DeadlineHeap<protocol::ClientId> heap_;
};

}  // namespace hearth::shard
