#include "load/emissions.hpp"

#include <utility>

namespace hearth::load {

namespace {

constexpr std::size_t kAtOnce = 4096;

}  // namespace

std::string Emissions::emit(std::string_view room, std::string_view data) {
  waiting_.push_back(emitter_->to_room(room, "msg", JsonView::trusted(data)));
  if (waiting_.size() < kAtOnce) return {};
  EmitResult first = waiting_.front().get();
  waiting_.pop_front();
  return std::move(first.error);
}

std::vector<std::string> Emissions::finish() {
  std::vector<std::string> errors;
  for (auto& emission : std::exchange(waiting_, {})) {
    EmitResult result = emission.get();
    if (!result) errors.push_back(std::move(result.error));
  }
  return errors;
}

}  // namespace hearth::load
