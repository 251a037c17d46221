#pragma once

#include "load/histogram.hpp"
#include "load/sequence.hpp"
#include "net/counters.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace hearth::load {

/// What a thread of the load has counted, since the beginning.
struct Tally {
  // for any thread to read
  net::Counter connected;  ///< authenticated
  net::Counter ready;      ///< in their rooms
  net::Counter returned;   ///< with all that they had missed
  net::Counter deliveries;
  net::Counter messages;  ///< sent
  net::Counter errors;

  // the thread's own
  Faults faults;
  Histogram latencies;
  Histogram connect_times;
  Histogram return_times;  ///< from connecting until a client has all that it missed
  std::string first_error;

  void error(std::uint32_t client, std::string what) {
    errors.add();
    if (first_error.empty()) first_error = "client " + std::to_string(client) + ": " + std::move(what);
  }
};

}  // namespace hearth::load
