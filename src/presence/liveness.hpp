#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::presence {

using TimePoint = std::chrono::steady_clock::time_point;

/// Which instances of the cluster live: those that have beaten in the last one and a half intervals, by the store's
/// clock. Whoever is cut off itself judges nobody. Knows no link: it is asked what is to be done, and told what came of
/// it. For one thread at a time.
class Liveness {
 public:
  enum class Ask : std::uint8_t {
    nothing,
    beat,  ///< say that this instance lives, and see who else does
    look,  ///< see who lives
  };

  /// What an answer changes.
  struct Change {
    std::vector<std::string> dead;  ///< known until now: their members have gone
    bool was_missing = false;       ///< the others may think that this one is dead: it has to say everything once more
    bool is_back = false;           ///< it was cut off until now: it has to read everything once more
  };

  /// `self`: this instance's name among the living. `interval`: between two beats; at half time it looks.
  Liveness(std::string self, std::chrono::milliseconds interval, TimePoint now)
      : self_(std::move(self)), interval_(interval), next_(now) {}

  /// What is to be asked now; nothing while an answer is awaited.
  Ask next(TimePoint now);
  TimePoint next_deadline() const noexcept { return awaits_ ? TimePoint::max() : next_; }
  /// How long a beat is good for.
  std::chrono::milliseconds life() const noexcept { return interval_ * 3 / 2; }

  /// The living, this one too. `was_missing`: a beat found that it was not among them.
  Change answered(std::span<const std::string> living, bool was_missing, TimePoint now);
  void failed(TimePoint now);

  /// The link is gone, or was: it looks at once.
  void doubt(TimePoint now) noexcept { next_ = std::min(next_, now); }
  /// Something was heard of an instance.
  void heard(std::string_view node, TimePoint now);
  /// Whether what is known of others may be old, because this instance is cut off from them.
  bool is_stale() const noexcept { return stale_; }
  /// How many others there are, as far as is known.
  std::size_t known() const noexcept { return known_.size(); }

 private:
  bool may_judge(TimePoint now) const noexcept;

  const std::string self_;
  const std::chrono::milliseconds interval_;
  std::map<std::string, TimePoint, std::less<>> known_;  // when they were last heard of
  TimePoint next_;
  TimePoint asked_{};
  // Of the first beat since which nothing has failed.
  std::optional<TimePoint> well_since_{};
  bool awaits_ = false;
  bool beats_ = false;     // what is awaited is a beat's answer
  bool was_beat_ = false;  // the last that was asked was one
  bool stale_ = false;
};

}  // namespace hearth::presence
