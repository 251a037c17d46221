#pragma once

#include <cstddef>
#include <vector>

namespace hearth::net {

class Connection;

/// Connections in the order in which they came. Keeps its memory, so that one at work allocates nothing.
class ConnectionQueue {
 public:
  bool empty() const noexcept { return first_ == list_.size(); }
  std::size_t size() const noexcept { return list_.size() - first_; }
  auto begin() const noexcept { return list_.begin() + static_cast<std::ptrdiff_t>(first_); }
  auto end() const noexcept { return list_.end(); }

  void push(Connection* connection) {
    // What has been taken makes room before more memory does.
    if (list_.size() == list_.capacity() && first_ >= list_.size() / 2) {
      list_.erase(list_.begin(), begin());
      first_ = 0;
    }
    list_.push_back(connection);
  }

  /// The first one, which there is.
  Connection* pop() noexcept {
    Connection* connection = list_[first_++];
    if (empty()) {
      list_.clear();
      first_ = 0;
    }
    return connection;
  }

 private:
  std::vector<Connection*> list_;
  std::size_t first_ = 0;
};

}  // namespace hearth::net
