#include "shard/switchboard.hpp"

#include "shard/shard.hpp"
#include "shard/watches.hpp"

#include <utility>

namespace hearth::shard {

Switchboard::Switchboard(Watches* watches) : watches_(watches) {}
Switchboard::~Switchboard() = default;

void Switchboard::add(std::unique_ptr<Shard> shard) { shards_.push_back(std::move(shard)); }
void Switchboard::clear() { shards_.clear(); }

Shard* Switchboard::here() const noexcept {
  Shard* shard = Shard::current();
  return shard != nullptr && &shard->switchboard() == this ? shard : nullptr;
}

Shard* Switchboard::shard_of(const protocol::ClientId& id) const noexcept {
  return id.shard() < shards_.size() ? shards_[id.shard()].get() : nullptr;
}

void Switchboard::deliver(const Publication& publication) const {
  if (watches_ != nullptr && watches_->any()) watches_->see(publication);
  Shard* const here = this->here();
  if (publication.target.kind == Target::Kind::client) {
    const auto id = protocol::ClientId::parse(publication.target.name);
    Shard* home = id ? shard_of(*id) : nullptr;
    if (home == nullptr) return;
    if (home != here) return home->post(Delivery::of(publication), may_wait_here());
    if (publication.exclude.empty()) return here->deliveries().deliver_to_client(*id, publication);
    return here->deliveries().deliver(publication);
  }
  if (here != nullptr) here->deliveries().deliver(publication);
  if (here != nullptr && shards_.size() == 1) return;
  const auto delivery = Delivery::of(publication);
  const bool may_wait = may_wait_here();
  for (const auto& shard : shards_) {
    if (shard.get() != here) shard->post(delivery, may_wait);
  }
}

bool may_wait_here() noexcept { return Shard::current() == nullptr; }

}  // namespace hearth::shard
