#pragma once

#include "hub/hub.hpp"
#include "protocol/client_id.hpp"
#include "shard/answers.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Has clients go elsewhere, at an even pace and in random order (docs/protocol.md, Draining). The shard's thread
/// alone.
class Drain {
 public:
  /// For a client that was told to go, before it is closed.
  static constexpr net::Millis kPatience{5'000};
  /// Clients that were told come back after a random time up to this.
  static constexpr std::int64_t kLongestPause = 2'000;

  Drain(const hub::Hub& hub, Answers& answers, Outlet& outlet, std::uint64_t seed)
      : hub_(hub), answers_(answers), outlet_(outlet), random_(seed) {}

  /// Begins after `delay` and has told the last client `time` later. `over` is let go when all are gone. A second one
  /// waits for the first.
  void begin(net::TimePoint now, net::Millis delay, net::Millis time, std::shared_ptr<void> over);
  /// Whether nobody is to come any more.
  bool refuses_newcomers(net::TimePoint now) const noexcept { return begins_ && now >= *begins_; }
  void go_on(net::TimePoint now);
  /// All are closed anyway.
  void end() noexcept { over_.reset(); }
  std::optional<net::TimePoint> next() const;

 private:
  void line_up();
  bool all_gone() const noexcept { return lined_up_ && told_ == line_.size() && hub_.size() == 0; }
  /// When it is the turn of the n-th.
  net::TimePoint turn_of(std::size_t n) const;
  void send_away(hub::Client& client, net::TimePoint now);

  const hub::Hub& hub_;
  Answers& answers_;
  Outlet& outlet_;
  std::mt19937_64 random_;
  std::optional<net::TimePoint> begins_;
  net::Millis time_{};
  std::shared_ptr<void> over_;
  bool lined_up_ = false;
  std::vector<protocol::ClientId> line_;
  std::size_t told_ = 0;                                               // of line_
  std::deque<std::pair<net::TimePoint, protocol::ClientId>> leaving_;  // who was told to go, and until when
};

}  // namespace hearth::shard
