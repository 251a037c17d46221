#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace hearth::app {

/// What is sent at once: events as JSON texts, in order, and how many went lost before them.
struct EventBatch {
  std::vector<std::string> events{};
  std::uint64_t skipped = 0;
};

/// Events that wait to be sent. They go in batches; what is taken counts as waiting until it is done with. When there
/// is no room, the oldest that are not under way go, and are counted. One thread at a time; the clock is the caller's.
class EventQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostEvents = 500;                    ///< in a batch
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;  ///< in a batch, but for a single longer event
  static constexpr std::chrono::milliseconds kLongestWait{200};      ///< until a batch goes that is not full

  struct State {
    std::size_t events = 0;  ///< that wait or are under way
    std::size_t bytes = 0;
    std::uint64_t sent = 0;
    std::uint64_t dropped = 0;
    Time oldest{};  ///< if there are any
  };

  explicit EventQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// What becomes of an event: true, it has arrived; false, there was no room. Must not throw.
  using Outcome = std::function<void(bool has_arrived)>;

  void add(std::string event, Time now, Outcome outcome = {});
  /// Whether a batch should go now; `Time::max()` is never.
  Time due() const;
  bool is_empty() const noexcept { return waiting_.empty(); }
  /// Takes the next batch; the one before has been done with.
  EventBatch take();
  /// The batch that was taken has arrived.
  void done();

  const State& state() const noexcept { return state_; }

 private:
  struct Waiting {
    std::string text;
    Time since;
    Outcome outcome;
  };

  bool is_full() const noexcept { return waiting_.size() >= kMostEvents || waiting_bytes_ >= kMostBytes; }
  void show_oldest();

  std::size_t most_bytes_;
  std::deque<Waiting> waiting_{};
  std::size_t waiting_bytes_ = 0;
  std::size_t taken_ = 0;  // events under way
  std::size_t taken_bytes_ = 0;
  Time taken_since_{};
  std::vector<Outcome> awaited_{};  // of events under way
  std::uint64_t skipped_ = 0;       // of which nobody has been told
  State state_{};
};

}  // namespace hearth::app
