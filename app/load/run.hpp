#pragma once

#include "hearth/emitter.hpp"
#include "load/plan.hpp"
#include "load/traffic.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace hearth::load {

class LoadThread;

/// What the threads of a run have in common.
struct Run {
  const Plan& plan;
  Traffic traffic;
  std::vector<std::unique_ptr<LoadThread>> threads{};
  std::unique_ptr<Emitter> emitter{};  ///< what publications go through; null: clients publish
  std::atomic<bool> measuring{false};
  std::atomic<std::uint64_t> begun{0};  ///< messages, if the plan says how many there are to be
  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

  /// Nanoseconds since it began.
  std::uint64_t now() const noexcept {
    return static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began).count());
  }
};

}  // namespace hearth::load
