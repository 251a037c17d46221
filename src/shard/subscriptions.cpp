#include "shard/subscriptions.hpp"

#include <span>
#include <utility>

namespace hearth::shard {

bool Subscriptions::are_awaited() {
  tell_begun();
  return asked_ != confirmed_;
}

// Whoever waits, waits for all that this shard has asked for so far, and comes in turn.
void Subscriptions::await(const protocol::ClientId& client, Then then) {
  awaiting_.push_back({asked_, client, std::move(then)});
}

void Subscriptions::tell_begun() {
  interest_.take_begun([this](std::span<const BrokerAddress> addresses) {
    const std::uint64_t ticket = expect();
    auto done = [this, ticket, mailbox = mailbox_] {
      mailbox->post(Task([this, ticket](Shard& /*shard*/) { confirm(ticket); }), sizeof(Task), false);
    };
    if (broker_->subscribe(addresses, std::move(done))) note(ticket);
  });
}

std::uint64_t Subscriptions::expect() {
  later_.push_back(false);
  return ++asked_;
}

void Subscriptions::confirm(std::uint64_t ticket) {
  note(ticket);
  release();
}

void Subscriptions::note(std::uint64_t ticket) {
  if (ticket <= confirmed_) return;  // it was given up
  later_[ticket - confirmed_ - 1] = true;
  for (; !later_.empty() && later_.front(); ++confirmed_) later_.pop_front();
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
  later_.clear();
  release();
}

}  // namespace hearth::shard
