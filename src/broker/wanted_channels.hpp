#pragma once

#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// Which channels somebody here wants, and how far Redis knows of it. Every member may be called from any thread; the
/// functions that it gives back to be called are called by whoever asked, without a lock.
class WantedChannels {
 public:
  using Clock = std::chrono::steady_clock;
  using Callbacks = std::vector<std::function<void()>>;

  explicit WantedChannels(std::chrono::milliseconds linger) : linger_(linger) {}

  /// What became of a wish.
  struct Wish {
    bool waits = false;  ///< `done` will come out of confirm, refuse or disconnect
    bool work = false;   ///< take() has something new to subscribe to
  };
  /// Counts one more for each channel.
  Wish add(std::vector<std::string> channels, std::function<void()> done);
  /// Counts one less for each. True if next_expiry() has something new.
  bool remove(std::span<const std::string> channels);
  /// Whether anybody wants what comes on this channel.
  bool is_wanted(std::string_view channel) const;
  /// Whether Redis sends what comes on this channel.
  bool is_active(std::string_view channel) const;
  /// All that anybody wants.
  std::vector<std::string> wanted() const;
  std::size_t size() const;

  /// The link is up: everything that is wanted is to be subscribed to. Whoever is added from now on waits.
  std::vector<std::string> connect();
  /// The link is down: nothing is active, and nobody waits any more.
  Callbacks disconnect();
  /// What is to be subscribed to since the last time.
  std::vector<std::string> take();
  Callbacks confirm(std::string_view channel);
  /// Redis will not have it. Until the link is up again it is as if it were active.
  Callbacks refuse(std::string_view channel);

  /// When expire() has something to give up.
  std::optional<Clock::time_point> next_expiry() const;
  /// What nobody has wanted for long enough, and is to be unsubscribed from.
  std::vector<std::string> expire(Clock::time_point now);

 private:
  struct Waiter {
    std::size_t missing;
    std::function<void()> done;
  };
  enum class State : std::uint8_t { idle, pending, active };
  struct Entry {
    std::uint32_t count = 0;
    State state = State::idle;
    bool lingers = false;  // stands in lingering_
    std::vector<std::shared_ptr<Waiter>> waiters;
  };
  struct Lingering {
    std::string channel;
    Clock::time_point until;
  };
  static void release(Entry& entry, Callbacks& callbacks);
  Callbacks settle(std::string_view channel);

  const std::chrono::milliseconds linger_;
  mutable std::mutex mutex_;
  boost::unordered_flat_map<std::string, Entry, protocol::NameHash, std::equal_to<>> entries_;
  std::deque<Lingering> lingering_;  // all wait equally long
  std::vector<std::string> new_;     // wanted, and Redis has not been asked
  bool connected_ = false;
};

}  // namespace hearth::broker
