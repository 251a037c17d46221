#pragma once

#include <cstddef>

namespace hearth {

/// How much the clients of a server may ask of it (docs/protocol.md, Limits). 0 switches a limit off.
struct Limits {
  /// Rooms that a client may be in by asking for them itself; its own, the default ones and those that the application
  /// puts it in do not count. Past it: 204 `Too many rooms`.
  std::size_t rooms_per_client{4096};
  /// Descriptors of the process that connections leave free, at most half of all.
  std::size_t reserved_descriptors{64};
  /// Coroutine handlers that are at work at a time, over all shards; the next wait for one to finish.
  std::size_t running_handlers{1024};
  /// Handlers that wait for that, of those that decide something. Past it, and after 10 s, they are answered as if they
  /// had thrown Unavailable.
  std::size_t waiting_handlers{16384};
};

}  // namespace hearth
