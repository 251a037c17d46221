#pragma once

#include "protocol/client_id.hpp"
#include "shard/publication.hpp"

#include <memory>
#include <span>
#include <vector>

namespace hearth::shard {

class Shard;
class Watches;

/// Who lives where: the shards of a server, and the way of a publication to those that it concerns. From any thread,
/// once all shards are there.
class Switchboard {
 public:
  /// `watches` sees all that is delivered; null if nobody watches.
  explicit Switchboard(Watches* watches = nullptr);
  ~Switchboard();
  Switchboard(const Switchboard&) = delete;
  Switchboard& operator=(const Switchboard&) = delete;

  void add(std::unique_ptr<Shard> shard);
  void clear();

  std::span<const std::unique_ptr<Shard>> shards() const noexcept { return shards_; }
  /// The shard whose thread this is, if it is one of these.
  Shard* here() const noexcept;
  /// Where a client with this id lives, if it is of this server; null for a shard number there is none of.
  Shard* shard_of(const protocol::ClientId& id) const noexcept;

  /// Delivers to all whom it is for, in the caller's order.
  void deliver(const Publication& publication) const;

 private:
  Watches* const watches_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

/// Whether the calling thread may be held up until another has room for its work: not if it is a shard's, of whatever
/// server, or works for a broker on behalf of one.
bool may_wait_here() noexcept;

}  // namespace hearth::shard
