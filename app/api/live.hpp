#pragma once

#include "api/event_stream.hpp"
#include "api/sample.hpp"
#include "hearth/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hearth::app {

struct ApiDesk;

/// Takes a sample every second, keeps the last of them, and tells those who want to be told. One thread.
///
/// Counters cost nothing to read. What the shards have to be asked for takes them time for every client, user and room:
/// so they are asked every second only where there are few of those and somebody looks, and otherwise up to every tenth
/// time; what they said holds for the samples between.
class Live {
 public:
  static constexpr std::chrono::seconds kInterval{1};
  /// Samples from one time that the shards are asked to the next, at most.
  static constexpr std::uint64_t kMostUnasked = 10;

  explicit Live(bool has_broker) : has_broker_(has_broker) {}

  boost::asio::awaitable<void> take(ApiDesk& desk);
  /// The samples of the last five minutes, as JSON.
  std::string recent();
  /// Tells a stream of every sample from now on.
  void tell(const std::shared_ptr<EventStream>& reader);

 private:
  using Clock = std::chrono::steady_clock;

  bool is_seen() const;
  bool has_to_ask() const;
  void note(const Metrics& metrics);
  void note(const Troubles& troubles);

  const bool has_broker_;
  SampleRing ring_;
  Sample last_{};
  DurationHistogram ticks_{};        // at the last time the shards were asked
  DurationHistogram round_trips_{};  // the same
  SampleWords words_{};
  std::vector<std::uint64_t> hits_{};            // how often each limit was reached then
  std::vector<Clock::time_point> reached_at_{};  // and when it was seen to be
  std::uint64_t unasked_ = kMostUnasked;         // samples since the shards were asked
  Clock::time_point seen_at_{};                  // by somebody without a stream
  std::vector<std::weak_ptr<EventStream>> readers_{};
};

}  // namespace hearth::app
