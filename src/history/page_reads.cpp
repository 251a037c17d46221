#include "history/page_reads.hpp"

#include "history/audience.hpp"

#include <algorithm>

namespace hearth::history {

void PageReads::want(Waiting& waiting) {
  if (!waiting.is_linked()) queue_.push_back(waiting);
}

std::optional<PageReads::Asked> PageReads::next() {
  while (!queue_.empty() && under_way_.size() < kMost) {
    Audience& audience = queue_.front().audience;
    queue_.pop_front();
    const auto read = audience.next_read();
    if (!read) continue;  // what it waited for has come otherwise
    under_way_.push_back({++last_number_, &audience, *read});
    return Asked{&audience.host(), *read, last_number_};
  }
  return std::nullopt;
}

void PageReads::page(std::uint64_t number, const Result<LogPage>& result, const Moment& now) {
  const auto found = std::find_if(under_way_.begin(), under_way_.end(),
                                  [number](const UnderWay& read) { return read.number == number; });
  if (found == under_way_.end()) return;
  const UnderWay done = *found;
  under_way_.erase(found);
  if (done.audience != nullptr) done.audience->page(done.read, result, now);
}

void PageReads::forget(const Audience& audience) noexcept {
  for (UnderWay& read : under_way_) {
    if (read.audience == &audience) read.audience = nullptr;
  }
}

}  // namespace hearth::history
