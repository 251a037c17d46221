#include "shard/subscriptions.hpp"

#include <span>
#include <utility>

namespace hearth::shard {

bool Subscriptions::are_awaited() {
  tell_begun();
  return asked_ != confirmed_;
}

// A broker confirms in the order in which it was asked; so whoever waits, waits for all that this shard has asked for
// so far, and comes in turn.
void Subscriptions::await(const protocol::ClientId& client, Then then) {
  awaiting_.push_back({asked_, client, std::move(then)});
}

void Subscriptions::tell_begun() {
  interest_.take_begun([this](std::span<const BrokerAddress> addresses) {
    auto done = [this, mailbox = mailbox_] {
      mailbox->post(Task([this](Shard& /*shard*/) { confirm_one(); }), sizeof(Task), false);
    };
    if (!broker_->subscribe(addresses, std::move(done))) ++asked_;
  });
}

void Subscriptions::confirm_one() {
  ++confirmed_;
  release();
}

void Subscriptions::release() {
  while (!awaiting_.empty() && awaiting_.front().ticket <= confirmed_) {
    const Awaiting next = std::move(awaiting_.front());
    awaiting_.pop_front();
    next.then(next.client);
  }
}

void Subscriptions::tell() {
  tell_begun();
  interest_.take_ended([this](std::span<const BrokerAddress> addresses) { broker_->unsubscribe(addresses); });
}

void Subscriptions::give_up() {
  confirmed_ = asked_;
  release();
}

}  // namespace hearth::shard
