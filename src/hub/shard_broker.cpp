#include "hub/shard.hpp"

#include <utility>

namespace hearth::hub {

bool Shard::awaits_subscription() {
  subscribe_begun();
  return asked_subscriptions_ != confirmed_subscriptions_;
}

// A broker confirms in the order in which it was asked; so whoever waits, waits for all that this shard has asked for so
// far, and comes in turn.
void Shard::when_subscribed(const protocol::ClientId& id, Subscribed then) {
  awaiting_subscription_.push_back({asked_subscriptions_, id, std::move(then)});
}

void Shard::subscribe_begun() {
  interest_.take_begun([this](std::span<const BrokerAddress> addresses) {
    auto done = [mailbox = mailbox_] {
      mailbox->post(Task([](Shard& shard) { shard.subscription_confirmed(); }), sizeof(Task), false);
    };
    if (!options_.broker->subscribe(addresses, std::move(done))) ++asked_subscriptions_;
  });
}

void Shard::subscription_confirmed() {
  ++confirmed_subscriptions_;
  while (!awaiting_subscription_.empty() && awaiting_subscription_.front().ticket <= confirmed_subscriptions_) {
    const Awaiting next = std::move(awaiting_subscription_.front());
    awaiting_subscription_.pop_front();
    next.then(*this, next.client);
  }
}

void Shard::tell_interest() {
  subscribe_begun();
  interest_.take_ended([this](std::span<const BrokerAddress> addresses) { options_.broker->unsubscribe(addresses); });
}

}  // namespace hearth::hub
