#pragma once

#include "hearth/publication.hpp"
#include "net/outbox.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <utility>

namespace hearth::shard {

/// What members that come back have been sent of rooms' logs this tick: everybody who misses the same publication gets
/// the same segment, so that thousands who return at once cost what a message to them all costs. For one thread.
class StagedReplays {
 public:
  /// Sends `publication` as `send(net::Outgoing&)` does, encoded by `stage()` unless it has been already.
  template <class Loop, class Stage, class Send>
  void send(const Loop& loop, const PublicationPtr& publication, Stage stage, Send send) {
    if (const auto found = staged_.find(publication.get()); found != staged_.end()) {
      if (loop.holds(found->second.message)) return send(found->second.message);
      staged_.clear();  // one that is not held any more: none that is older is
    }
    net::Outgoing message = stage();
    send(message);
    if (loop.holds(message)) staged_.insert_or_assign(publication.get(), Staged{publication, message});
  }

  /// What is held by nobody any more is let go of; to be called once a tick.
  void end_tick() { staged_.clear(); }

 private:
  struct Staged {
    PublicationPtr publication;  // so that its address is not another's
    net::Outgoing message;
  };

  boost::unordered_flat_map<const StoredPublication*, Staged> staged_;
};

}  // namespace hearth::shard
