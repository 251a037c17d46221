#pragma once

#include "hub/hub.hpp"
#include "net/deadline_heap.hpp"
#include "shard/answers.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace hearth::shard {

/// Identities that end (docs/protocol.md, Renewal): their clients are told at a random moment before, so that those
/// that came together are not all told together, and closed a while after. The shard's thread alone.
class Expiries {
 public:
  Expiries(std::chrono::milliseconds grace, const hub::Hub& hub, Answers& answers, Outlet& outlet, std::uint64_t seed)
      : grace_(grace), hub_(hub), answers_(answers), outlet_(outlet), random_(seed) {}

  /// For identities that are given from now on.
  void set_grace(std::chrono::milliseconds grace) noexcept { grace_ = grace; }
  /// From now on the client's identity ends at this time; nothing: it does not.
  void set(hub::Client& client, std::optional<net::TimePoint> end, net::TimePoint now);
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> next() const { return heap_.next(); }

 private:
  void wait(hub::Client& client, net::TimePoint until);
  void tell(hub::Client& client, net::TimePoint now);

  std::chrono::milliseconds grace_;
  const hub::Hub& hub_;
  Answers& answers_;
  Outlet& outlet_;
  std::mt19937_64 random_;
  net::DeadlineHeap<protocol::ClientId> heap_;
};

}  // namespace hearth::shard
