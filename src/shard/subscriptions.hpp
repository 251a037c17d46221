#pragma once

#include "hearth/broker.hpp"
#include "hub/interest.hpp"
#include "protocol/client_id.hpp"
#include "shard/letter.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace hearth::shard {

/// Tells the broker what has somebody on this shard, and who waits until that is subscribed to. The shard's thread
/// alone.
class Subscriptions {
 public:
  using Then = std::function<void(const protocol::ClientId&)>;

  /// `broker` may be null: then nobody ever waits.
  Subscriptions(std::shared_ptr<Broker> broker, std::shared_ptr<ShardMailbox> mailbox)
      : broker_(std::move(broker)), mailbox_(std::move(mailbox)) {}

  /// What the hub tells of its rooms, users and clients; null if nobody wants to know.
  hub::Interest* interest() noexcept { return broker_ ? &interest_ : nullptr; }

  /// Something else that has members here is not ready yet: until `confirm` is called with this number.
  std::uint64_t expect();
  void confirm(std::uint64_t ticket);

  /// Whether something that has members here now is not subscribed to, or ready, yet.
  bool are_awaited();
  /// Calls `then` when it is. The client may be gone by then.
  void await(const protocol::ClientId& client, Then then);
  /// Tells the broker what has changed.
  void tell();
  /// The shard is ending: nobody waits any longer.
  void give_up();

 private:
  struct Awaiting {
    std::uint64_t ticket;
    protocol::ClientId client;
    Then then;
  };

  void tell_begun();
  void note(std::uint64_t ticket);
  void release();

  const std::shared_ptr<Broker> broker_;
  const std::shared_ptr<ShardMailbox> mailbox_;
  hub::Interest interest_;
  std::uint64_t asked_ = 0;      // times, since the start
  std::uint64_t confirmed_ = 0;  // all up to this one
  std::deque<bool> later_;       // whether those after it are
  std::deque<Awaiting> awaiting_;
};

}  // namespace hearth::shard
