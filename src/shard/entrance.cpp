#include "shard/entrance.hpp"

#include "http/fields.hpp"

namespace hearth::shard {

namespace {

// At most so many bytes of them; the rest is left out, field by field.
constexpr std::size_t kMostHeaders = std::size_t{8} * 1024;

}  // namespace

void Entrance::note(const Limits& limits) noexcept {
  counts_connections_ = Doorkeeper::counts_connections(limits);
  counts_addresses_ = Doorkeeper::counts_addresses(limits);
  counts_users_ = Doorkeeper::counts_users(limits);
}

AddressKey Entrance::address_of(const hub::Client& client) const {
  return counts_addresses_ ? address_key(client.remote_address()) : AddressKey();
}

bool Entrance::admits(const hub::Client& client, net::TimePoint now) {
  return !counts_connections_ || !door_.connect(address_of(client), now);
}

std::optional<Limit> Entrance::enter(const hub::Client& client, net::TimePoint now) {
  if (!counts_connections_) return std::nullopt;
  const AddressKey address = address_of(client);
  if (const auto limit = door_.enter(address, now, client.was_admitted())) return limit;
  if (address) addresses_.emplace(client.id, *address);
  return std::nullopt;
}

void Entrance::note(hub::Client& client, const net::Upgrade& upgrade) const {
  if (request_headers_.empty()) return;
  hub::Client::Details& details = client.make_details();
  details.path = upgrade.path;
  details.headers = http::fields_named(upgrade.head, request_headers_, kMostHeaders);
}

void Entrance::gone(const hub::Client& client, bool was_authenticated) {
  if (!counts_connections_) return;
  AddressKey address;
  if (const auto found = addresses_.find(client.id); found != addresses_.end()) {
    address = found->second;
    addresses_.erase(found);
  }
  door_.leave(address, was_authenticated);
}

void Entrance::update(const Limits& limits, const hub::Hub& hub) {
  const bool same = counts_connections_ == Doorkeeper::counts_connections(limits) &&
                    counts_addresses_ == Doorkeeper::counts_addresses(limits) &&
                    counts_users_ == Doorkeeper::counts_users(limits);
  if (same) return;
  hub.for_each_client([&](const hub::Client& client) {
    gone(client, client.is_authenticated());
    if (client.user != nullptr) leave_user(client.user->id);
  });
  note(limits);
  hub.for_each_client([&](const hub::Client& client) {
    if (client.user != nullptr && counts_users_) door_.count_user(client.user->id);
    if (!counts_connections_) return;
    const AddressKey address = address_of(client);
    door_.count(address, client.is_authenticated());
    if (address) addresses_.emplace(client.id, *address);
  });
}

}  // namespace hearth::shard
