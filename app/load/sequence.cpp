#include "load/sequence.hpp"

namespace hearth::load {

namespace {

constexpr std::uint64_t kRemembered = 64;

}  // namespace

void Sequence::begin(std::uint64_t number, Faults& faults) noexcept {
  begun_ = true;
  if (confirmed_ && number > limit_) faults.missing += number - limit_;
  seen_ = 1;
  next_ = number + 1;
}

void Sequence::receive(std::uint64_t number, Faults& faults) noexcept {
  if (!begun_) return begin(number, faults);
  if (number >= next_) {
    const std::uint64_t gap = number - next_;
    faults.missing += gap;
    seen_ = gap + 1 >= kRemembered ? 1 : (seen_ << (gap + 1)) | 1;
    next_ = number + 1;
    return;
  }
  const std::uint64_t back = next_ - 1 - number;
  const bool was_seen = back >= kRemembered || ((seen_ >> back) & 1) != 0;
  if (was_seen) {
    ++faults.doubled;
    return;
  }
  seen_ |= std::uint64_t{1} << back;
  ++faults.out_of_order;
  if (faults.missing > 0) --faults.missing;
}

}  // namespace hearth::load
