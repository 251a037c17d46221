#pragma once

#include "serve/access.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace hearth::app {

/// The Access that holds now: a reload puts another one in its place. Who has taken one keeps it until it has decided.
/// Any thread.
class CurrentAccess {
 public:
  explicit CurrentAccess(std::shared_ptr<const Access> access) : access_(std::move(access)) {}

  std::shared_ptr<const Access> get() const {
    const std::lock_guard lock(mutex_);
    return access_;
  }
  void set(std::shared_ptr<const Access> access) {
    const std::lock_guard lock(mutex_);
    access_.swap(access);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Access> access_;  // guarded by mutex_
};

}  // namespace hearth::app
