#pragma once

#include "protocol/client_id.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace hearth::hub {
class Client;
}

namespace hearth::shard {

/// What clients have published and the logs of rooms have not got yet: several of a client at a time, whose answers
/// leave in the order of what they are to. The shard's thread alone.
class Publishes {
 public:
  static constexpr std::size_t kMost = 64;                            ///< of a client that wait
  static constexpr std::size_t kMostBytes = std::size_t{256} * 1024;  ///< of theirs

  using Answer = std::function<void(hub::Client&)>;

  /// One more waits; it is named by what this returns.
  std::uint64_t begin(const protocol::ClientId& client, std::size_t bytes) {
    Waiting& waiting = waiting_[client];
    waiting.entries.push_back({bytes, std::nullopt});
    waiting.bytes += bytes;
    return waiting.first + waiting.entries.size() - 1;
  }
  /// It has its answer, an empty one if there is to be none. Returns those that can be given now; none if it does not
  /// wait any more.
  std::vector<Answer> end(const protocol::ClientId& client, std::uint64_t number, Answer answer) {
    std::vector<Answer> given;
    const auto found = waiting_.find(client);
    if (found == waiting_.end()) return given;
    Waiting& waiting = found->second;
    if (number < waiting.first) return given;
    waiting.entries[number - waiting.first].answer = std::move(answer);
    for (; !waiting.entries.empty() && waiting.entries.front().answer; ++waiting.first) {
      if (*waiting.entries.front().answer) given.push_back(*std::move(waiting.entries.front().answer));
      waiting.bytes -= waiting.entries.front().bytes;
      waiting.entries.pop_front();
    }
    return given;
  }

  bool has(const protocol::ClientId& client) const { return waiting_.contains(client); }
  /// Whether so much of the client's waits that it is not to go on: it holds its turn until `takes_more`.
  bool hold(const protocol::ClientId& client) {
    const auto found = waiting_.find(client);
    if (found == waiting_.end() || has_room(found->second)) return false;
    found->second.is_held = true;
    return true;
  }
  bool is_held(const protocol::ClientId& client) const {
    const auto found = waiting_.find(client);
    return found != waiting_.end() && found->second.is_held;
  }
  /// To be called after `end`: whether one that held its turn may go on.
  bool takes_more(const protocol::ClientId& client) {
    const auto found = waiting_.find(client);
    if (found == waiting_.end() || !has_room(found->second)) return false;
    const bool was_held = std::exchange(found->second.is_held, false);
    if (found->second.entries.empty()) waiting_.erase(found);
    return was_held;
  }

 private:
  struct Entry {
    std::size_t bytes;
    std::optional<Answer> answer;
  };
  struct Waiting {
    std::deque<Entry> entries;
    std::uint64_t first = 0;  // number of the first entry
    std::size_t bytes = 0;
    bool is_held = false;
  };

  static bool has_room(const Waiting& waiting) noexcept {
    return waiting.entries.size() < kMost && waiting.bytes < kMostBytes;
  }

  boost::unordered_flat_map<protocol::ClientId, Waiting, std::hash<protocol::ClientId>> waiting_;
};

}  // namespace hearth::shard
