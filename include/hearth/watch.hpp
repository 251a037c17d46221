#pragma once

#include "hearth/export.hpp"
#include "hearth/json.hpp"
#include "hearth/publication.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace hearth {

namespace shard {
class Watcher;
}

/// Something that was published in a room that is watched. A view: good for as long as the call.
struct WatchedPublication {
  std::string_view room;
  std::string_view event;
  JsonView data;
  JsonView from;              ///< the client that published it, as members see it; nothing if none did
  Position position{};        ///< in a room that remembers
  std::uint64_t skipped = 0;  ///< published since the one before, and not handed over because there was too much
};

/// How much a watch may take. What is past either is counted, and not handed over.
struct WatchOptions {
  std::uint32_t most_a_second{100};  ///< 1 to 1,000,000
  std::uint32_t most_waiting{256};   ///< publications that the callback has not been called for yet; 1 to 65,536
};

/// Watches a room for as long as it lives (Server::watch). After it is destroyed its callback is not called any more:
/// it waits for a call that is under way, unless it is destroyed in that. It may outlive the server.
class HEARTH_API Watch {
 public:
  /// Watches nothing.
  Watch() noexcept;
  explicit Watch(std::shared_ptr<shard::Watcher> watcher) noexcept;
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch();

  /// Ends it, as destroying it does.
  void end() noexcept;
  /// False if it watches nothing, since the server did not run, or it was ended.
  explicit operator bool() const noexcept { return watcher_ != nullptr; }
  /// Publications that were not handed over, in all.
  std::uint64_t skipped() const noexcept;

 private:
  std::shared_ptr<shard::Watcher> watcher_;
};

}  // namespace hearth
