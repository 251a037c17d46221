#pragma once

#include "api/event_stream.hpp"
#include "api/sample.hpp"
#include "hearth/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hearth::app {

struct ApiDesk;

/// Takes a sample every second, keeps the last of them, and tells those who want to be told. One thread.
///
/// While nobody looks only counters are read; what the shards have to be asked for is taken over from the sample
/// before, and asked for every ten seconds.
class Live {
 public:
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr std::chrono::seconds kIntervalUnseen{10};

  explicit Live(bool has_broker) : has_broker_(has_broker) {}

  boost::asio::awaitable<void> take(ApiDesk& desk);
  /// The samples of the last five minutes, as JSON.
  std::string recent();
  /// Tells a stream of every sample from now on.
  void tell(const std::shared_ptr<EventStream>& reader);

 private:
  using Clock = std::chrono::steady_clock;

  bool is_seen() const;
  void note(const Metrics& metrics);

  const bool has_broker_;
  SampleRing ring_;
  Sample last_{};
  DurationHistogram ticks_{};                    // at the last time the shards were asked
  std::vector<std::string> limits_{};            // their names
  std::vector<std::uint64_t> hits_{};            // how often each was reached then
  std::vector<Clock::time_point> reached_at_{};  // and when it was seen to be
  Clock::time_point asked_at_{};
  Clock::time_point seen_at_{};  // by somebody without a stream
  std::vector<std::weak_ptr<EventStream>> readers_{};
};

}  // namespace hearth::app
