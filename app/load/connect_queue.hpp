#pragma once

#include "load/client.hpp"

#include <cstddef>
#include <deque>

namespace hearth::load {

/// Who has to connect, some at a time.
class ConnectQueue {
 public:
  /// How many may be under way; none before it is called.
  void allow(std::size_t at_a_time) noexcept { at_a_time_ = at_a_time; }
  void add(Client& client) { waiting_.push_back(&client); }

  bool has_next() const noexcept { return under_way_ < at_a_time_ && !waiting_.empty(); }
  /// Who connects next, and is under way from now on; has_next() has to hold.
  Client& next() {
    Client& client = *waiting_.front();
    waiting_.pop_front();
    ++under_way_;
    return client;
  }
  /// One of those under way is connected, or has failed.
  void finish() noexcept { --under_way_; }

 private:
  std::size_t at_a_time_ = 0;
  std::size_t under_way_ = 0;
  std::deque<Client*> waiting_;
};

}  // namespace hearth::load
