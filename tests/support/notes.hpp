#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {

/// What handlers have noted, in order. For any thread.
class Notes {
 public:
  void add(std::string note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return notes_.size();
  }
  std::size_t count(const std::string& note) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(notes_.begin(), notes_.end(), note));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
};

}  // namespace hearth::test
