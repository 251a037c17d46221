#include "shard/doorkeeper.hpp"

#include "http/origins.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace hearth::shard {

namespace {

constexpr std::uint64_t kIpv4 = 0xffff'ffff'0000'0000;  // no prefix of an IPv6 address that is in use

std::uint64_t key_of(const in_addr& address) noexcept { return kIpv4 | ntohl(address.s_addr); }

}  // namespace

AddressKey address_key(std::string_view address) noexcept {
  std::string_view host = http::without_port(address);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));  // the zone of a link-local address
  char text[INET6_ADDRSTRLEN + 1]{};
  if (host.size() >= sizeof text) return std::nullopt;
  std::memcpy(text, host.data(), host.size());
  in_addr four{};
  if (::inet_pton(AF_INET, text, &four) == 1) {
    const bool is_loopback = (ntohl(four.s_addr) >> 24) == 127;
    return is_loopback ? AddressKey() : key_of(four);
  }
  in6_addr six{};
  if (::inet_pton(AF_INET6, text, &six) != 1 || IN6_IS_ADDR_LOOPBACK(&six)) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::memcpy(&four, &six.s6_addr[12], sizeof four);
    return (ntohl(four.s_addr) >> 24) == 127 ? AddressKey() : key_of(four);
  }
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | six.s6_addr[i];
  return prefix;
}

bool Doorkeeper::counts_connections(const Limits& limits) noexcept {
  return limits.connections != 0 || limits.connects || limits.unauthenticated != 0 || counts_addresses(limits);
}

void Doorkeeper::update(const Limits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  if (limits_.connects_per_ip) return;
  for (auto& [address, visitor] : visitors_) visitor.connects.reset();
}

void Doorkeeper::count(AddressKey address, bool is_authenticated) {
  const std::lock_guard lock(mutex_);
  ++connections_;
  if (!is_authenticated) ++unauthenticated_;
  if (address) ++visitors_[*address].connections;
}

std::optional<Limit> Doorkeeper::limit_of_clients(const Visitor* visitor) const {
  if (limits_.connections != 0 && connections_ >= limits_.connections) return Limit::connections;
  if (limits_.unauthenticated != 0 && unauthenticated_ >= limits_.unauthenticated) return Limit::unauthenticated;
  if (visitor != nullptr && limits_.connections_per_ip != 0 && visitor->connections >= limits_.connections_per_ip) {
    return Limit::connections_per_ip;
  }
  return std::nullopt;
}

std::optional<Limit> Doorkeeper::limit_of_connects(Visitor* visitor, net::TimePoint now) {
  if (visitor != nullptr && limits_.connects_per_ip) {
    if (!visitor->connects) visitor->connects.emplace(*limits_.connects_per_ip, now);
    if (!visitor->connects->has_one(*limits_.connects_per_ip, now)) return Limit::connects_per_ip;
    visitor->connects->take(*limits_.connects_per_ip, 1, now);
  }
  if (limits_.connects) {
    if (!connects_) connects_.emplace(*limits_.connects, now);
    if (!connects_->has_one(*limits_.connects, now)) return Limit::connects;
    connects_->take(*limits_.connects, 1, now);
  }
  return std::nullopt;
}

Doorkeeper::Visitor* Doorkeeper::visitor_of(AddressKey address, net::TimePoint now) {
  if (!address) return nullptr;
  if (visitors_.size() >= forget_at_) forget(now);
  return &visitors_[*address];
}

std::optional<Limit> Doorkeeper::hit(std::optional<Limit> limit) {
  if (limit) hits_.add(*limit, {{"limit", name_of(*limit)}});
  return limits_.dry_run ? std::nullopt : limit;
}

std::optional<Limit> Doorkeeper::connect(AddressKey address, net::TimePoint now) {
  const std::lock_guard lock(mutex_);
  return hit(limit_of_connects(visitor_of(address, now), now));
}

std::optional<Limit> Doorkeeper::enter(AddressKey address, net::TimePoint now, bool has_connected) {
  const std::lock_guard lock(mutex_);
  Visitor* visitor = visitor_of(address, now);
  auto limit = limit_of_clients(visitor);
  if (!limit && !has_connected) limit = limit_of_connects(visitor, now);
  if (const auto obeyed = hit(limit)) return obeyed;
  ++connections_;
  ++unauthenticated_;
  if (visitor != nullptr) ++visitor->connections;
  return std::nullopt;
}

void Doorkeeper::authenticated() {
  const std::lock_guard lock(mutex_);
  --unauthenticated_;
}

void Doorkeeper::leave(AddressKey address, bool was_authenticated) {
  const std::lock_guard lock(mutex_);
  --connections_;
  if (!was_authenticated) --unauthenticated_;
  if (!address) return;
  const auto visitor = visitors_.find(*address);
  if (visitor == visitors_.end()) return;
  --visitor->second.connections;
  if (visitor->second.connections == 0 && !visitor->second.connects) visitors_.erase(visitor);
}

// An address whose bucket is full again says no more than one that was never seen.
void Doorkeeper::forget(net::TimePoint now) {
  boost::unordered::erase_if(visitors_, [&](auto& entry) {
    Visitor& visitor = entry.second;
    return visitor.connections == 0 && (!visitor.connects || visitor.connects->is_full(*limits_.connects_per_ip, now));
  });
  forget_at_ = std::max<std::size_t>(1024, 2 * visitors_.size());
}

bool Doorkeeper::enter_user(std::string_view user_id) {
  const std::lock_guard lock(mutex_);
  std::size_t& clients = users_[std::string(user_id)];
  if (clients >= limits_.connections_per_user) {
    hits_.add(Limit::connections_per_user, {{"limit", name_of(Limit::connections_per_user)}, {"user", user_id}});
    if (!limits_.dry_run) return false;
  }
  ++clients;
  return true;
}

void Doorkeeper::count_user(std::string_view user_id) {
  const std::lock_guard lock(mutex_);
  ++users_[std::string(user_id)];
}

void Doorkeeper::leave_user(std::string_view user_id) {
  const std::lock_guard lock(mutex_);
  const auto user = users_.find(std::string(user_id));
  if (user != users_.end() && --user->second == 0) users_.erase(user);
}

}  // namespace hearth::shard
