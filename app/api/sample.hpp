#pragma once

#include "api/trouble.hpp"
#include "hearth/metrics.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace hearth::app {

/// How this instance was at one moment, as the dashboard shows it; small, since many are kept. Counters are totals
/// since the start, as those of /metrics.
struct Sample {
  /// Times in which something happened, in seconds; NaN: nothing did.
  struct Spread {
    float p50 = std::numeric_limits<float>::quiet_NaN();
    float p99 = std::numeric_limits<float>::quiet_NaN();
  };

  std::int64_t time = 0;  ///< Unix time in milliseconds
  std::uint64_t connections = 0;
  std::uint64_t clients = 0;
  std::uint64_t users = 0;
  std::uint64_t rooms = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t backlog_drops = 0;
  std::uint64_t broker_drops = 0;
  Spread tick{};              ///< since the last sample that has it
  Spread round_trip{};        ///< the same; to the broker
  std::uint32_t limits = 0;   ///< a bit for each that was reached lately, in the order of Metrics::limit_hits
  std::uint8_t troubles = 0;  ///< a bit for each of kTroubles
  BrokerState broker = BrokerState::stopped;
  bool has_broker = false;
  bool draining = false;
};

/// The last of them.
class SampleRing {
 public:
  static constexpr std::size_t kMost = 300;

  void add(const Sample& sample) { samples_[added_++ % kMost] = sample; }
  std::size_t size() const noexcept { return added_ < kMost ? added_ : kMost; }
  /// The oldest is 0.
  const Sample& at(std::size_t index) const { return samples_[(added_ - size() + index) % kMost]; }

 private:
  std::array<Sample, kMost> samples_{};
  std::size_t added_ = 0;
};
static_assert(sizeof(SampleRing) <= std::size_t{40} * 1024);

/// The part of `later` that was counted after `earlier`, and of it the duration that a share `part` of all did not
/// exceed, by what lies between two bounds evenly spread; NaN: there is none.
float quantile_between(const DurationHistogram& earlier, const DurationHistogram& later, double part);

/// What the bits of samples stand for.
struct SampleWords {
  std::vector<std::string> limits{};  ///< names
  Troubles troubles{};                ///< each as it was the last time
};

/// As the API shows it.
boost::json::object json_of(const Sample& sample, const SampleWords& words);

}  // namespace hearth::app
