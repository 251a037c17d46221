#pragma once

#include "hearth/limits.hpp"
#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "net/loop.hpp"
#include "protocol/client_id.hpp"
#include "shard/doorkeeper.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

/// Has the doorkeeper count the clients of a shard, and remembers where they came from, and with what request. The
/// shard's thread alone.
class Entrance {
 public:
  Entrance(Doorkeeper& door, const Options& options) : door_(door), request_headers_(options.request_headers) {
    note(options.limits);
  }

  /// Other limits: what was not counted so far is from now on, and the reverse.
  void update(const Limits& limits, const hub::Hub& hub);
  /// From now on these fields of a client's request are kept (Options::request_headers).
  void keep_headers(std::vector<std::string> names) { request_headers_ = std::move(names); }

  /// A TLS handshake is to begin: whether that is not too much.
  bool admits(const hub::Client& client, net::TimePoint now);
  /// A connection is to become a client. Nothing: it may; else what is in the way.
  std::optional<Limit> enter(const hub::Client& client, net::TimePoint now);
  /// Keeps what is wanted of the request with which it has.
  void note(hub::Client& client, const net::Upgrade& upgrade) const;
  void authenticated() {
    if (counts_connections_) door_.authenticated();
  }
  /// One that has entered has gone.
  void gone(const hub::Client& client, bool was_authenticated);

  /// A client becomes one of a user's. False, and it is not counted: there are as many as there may be.
  bool enter_user(std::string_view user_id) { return !counts_users_ || door_.enter_user(user_id); }
  void leave_user(std::string_view user_id) {
    if (counts_users_) door_.leave_user(user_id);
  }

 private:
  void note(const Limits& limits) noexcept;
  AddressKey address_of(const hub::Client& client) const;

  Doorkeeper& door_;
  std::vector<std::string> request_headers_;
  bool counts_connections_ = false;
  bool counts_addresses_ = false;
  bool counts_users_ = false;
  boost::unordered_flat_map<protocol::ClientId, std::uint64_t, std::hash<protocol::ClientId>> addresses_;
};

}  // namespace hearth::shard
