#pragma once

#include "hearth/emitter.hpp"

#include <deque>
#include <future>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::load {

/// Messages that a thread has given to Redis, and whose answers it has not looked at.
class Emissions {
 public:
  /// `emitter` may be null: then there are none.
  explicit Emissions(Emitter* emitter) : emitter_(emitter) {}
  explicit operator bool() const noexcept { return emitter_ != nullptr; }

  /// `data` is valid JSON. Returns what was wrong with an earlier one, or nothing.
  std::string emit(std::string_view room, std::string_view data);
  /// Waits until Redis has answered to all. Returns what was wrong with each that it did not take.
  std::vector<std::string> finish();

 private:
  Emitter* emitter_;
  std::deque<std::future<EmitResult>> waiting_;
};

}  // namespace hearth::load
