#pragma once

#include "history/feeds.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::shard {

/// Where shards ask for the feeds of rooms (history/feeds.hpp). From any thread; what is asked is done later, in that
/// order, and what the feeds say comes by mail.
class FeedDesk {
 public:
  virtual ~FeedDesk() = default;
  virtual void open(std::string room, history::Opener opener) = 0;
  virtual void close(std::string room, history::Opener opener) = 0;
  virtual void confirm(std::string room, history::Opener opener, std::uint32_t number) = 0;
  /// The log of a room has confirmed what this instance appended.
  virtual void acked(std::string_view room, const Position& position) = 0;
};

}  // namespace hearth::shard
