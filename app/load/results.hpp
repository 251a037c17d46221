#pragma once

#include "load/histogram.hpp"
#include "load/plan.hpp"
#include "load/sequence.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace hearth::load {

/// What a run has measured. Times are in nanoseconds.
struct Results {
  std::size_t clients = 0;  ///< that got connected
  std::uint64_t duration = 0;
  std::uint64_t messages = 0;
  std::uint64_t deliveries = 0;
  Histogram latencies{};
  std::optional<std::uint64_t> cpu_time{};     ///< of the server's process
  std::optional<std::uint64_t> resident{};     ///< bytes, at the end
  std::optional<std::int64_t> memory_grown{};  ///< bytes of its own, since before the first client
  std::uint64_t connect_duration = 0;
  std::optional<std::uint64_t> connect_cpu_time{};
  Histogram connect_times{};
  Histogram return_times{};  ///< of clients that came back, until they had all that they had missed
  Faults faults{};
  std::uint64_t errors = 0;
  std::string first_error{};
  bool interrupted = false;

  bool good() const noexcept { return errors == 0 && !faults.any(); }
};

/// A table, and a picture of the latencies.
void print_table(std::ostream& out, const Plan& plan, const Results& results);
/// One JSON object (docs/bench.md).
void print_json(std::ostream& out, const Plan& plan, const Results& results);

const char* name_of(Scenario scenario) noexcept;

}  // namespace hearth::load
