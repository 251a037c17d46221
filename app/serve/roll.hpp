#pragma once

#include "hearth/requests.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

/// The clients that the backend has been told of, for when it has to be told again. What is told of a client is told
/// while its entry is held, so that nobody is told as there who has been told as gone. Any thread.
class Roll {
 public:
  struct Client {
    std::optional<std::string> user_id{};
    ClientContext context{};
    std::set<std::string, std::less<>> rooms{};  ///< of those that are told of
  };

  /// Has `tell` called with the client's entry, which it may change.
  template <class Tell>
  void change(std::string_view client_id, Tell tell) {
    Part& part = part_of(client_id);
    const std::lock_guard lock(part.mutex);
    auto found = part.clients.find(client_id);
    if (found == part.clients.end()) found = part.clients.emplace(client_id, Client()).first;
    tell(found->second);
  }

  /// The same for the last time: the client is gone.
  template <class Tell>
  void remove(std::string_view client_id, Tell tell) {
    Part& part = part_of(client_id);
    const std::lock_guard lock(part.mutex);
    if (const auto found = part.clients.find(client_id); found != part.clients.end()) part.clients.erase(found);
    tell();
  }

  /// Has `tell` called with the id and the entry of each.
  template <class Tell>
  void for_each(Tell tell) {
    for (Part& part : parts_) {
      const std::lock_guard lock(part.mutex);
      for (const auto& [id, client] : part.clients) tell(id, client);
    }
  }

 private:
  // So many that nobody waits long while all are told again.
  static constexpr std::size_t kParts = 256;

  struct Part {
    std::mutex mutex{};
    std::map<std::string, Client, std::less<>> clients{};  // guarded by mutex
  };

  Part& part_of(std::string_view client_id) { return parts_[std::hash<std::string_view>()(client_id) % kParts]; }

  std::array<Part, kParts> parts_{};
};

}  // namespace hearth::app
