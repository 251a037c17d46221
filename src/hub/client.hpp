#pragma once

#include "crypto/message_cipher.hpp"
#include "hearth/client.hpp"
#include "hearth/requests.hpp"
#include "hub/memberships.hpp"
#include "net/connection.hpp"
#include "net/deadline_list.hpp"
#include "protocol/client_id.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::hub {

struct User;

/// The clients of one user are a list that runs through the clients themselves.
using UserHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A connection as the protocol sees it, authenticated or not. Its shard's alone.
class Client : public net::Connection, public UserHook {
 public:
  Client(protocol::ClientId client_id, net::TimePoint now) noexcept
      : id(client_id), connected_at(std::chrono::system_clock::now()), last_activity(now) {}

  bool is_encrypted() const noexcept { return key != nullptr || transformed; }
  void set_busy(bool is_busy) noexcept {
    busy = is_busy;
    expect_answers(is_busy);
  }

  void prefetch() const noexcept {
    Connection::prefetch();
    __builtin_prefetch(&state);
  }

  bool is_authenticated() const noexcept { return state == ClientState::authenticated; }

  /// Who it was, and how it has gone.
  struct Departure {
    bool was_authenticated = false;
    std::optional<std::string> user_id{};
    std::uint16_t code = 0;
    std::string reason{};
  };

  /// What is looked at seldom, and what few clients have.
  struct Details {
    boost::json::value metadata{};
    ClientContext context{};
    std::optional<net::TimePoint> expires_at{};
    std::optional<net::TimePoint> expiry_event{};  ///< of the next thing to be done about it
    net::TimePoint renewed_at{};                   ///< when it last tried
    std::string token_id{};
    std::optional<std::chrono::system_clock::time_point> issued_at{};
    /// Of the HTTP request, until it is authenticated.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string path{};
    std::string info{};  ///< JSON: what others see of it; empty: nothing
    std::optional<Departure> departure{};
    std::uint64_t messages_dropped = 0;  ///< that it did not get because too much was waiting
  };
  Details& make_details() {
    if (!details) details = std::make_unique<Details>();
    return *details;
  }
  /// Null until it has gone.
  const Departure* departure() const noexcept { return details && details->departure ? &*details->departure : nullptr; }
  /// Messages did not get to it. Without memory to note it, it is not noted.
  void count_drops(std::uint64_t count) noexcept {
    if (!details) details.reset(new (std::nothrow) Details);
    if (details) details->messages_dropped += count;
  }
  const boost::json::value& metadata() const noexcept;
  ClientContext context() const noexcept { return details ? details->context : nullptr; }

  /// Messages that came while a coroutine handler was at work for this client, as text.
  struct Waiting {
    std::deque<std::string> messages;
    std::size_t bytes = 0;
  };

  const protocol::ClientId id;
  ClientState state = ClientState::unauthorized;
  bool in_own_room = false;       ///< the room of its own id needs no entry of its own
  bool admitted = false;          ///< who it is has been accepted; perhaps not authenticated yet
  bool busy = false;              ///< a coroutine handler is at work for it, or a join waits for its subscription
  bool excluded = false;          ///< scratch: left out of the message being delivered
  bool transformed : 1 = false;   ///< messages to it go through `outbound_transformer`
  bool reads_events : 1 = false;  ///< it has put an `id` on its `authenticate`: it understands what Ignis does not say
  bool limited : 1 = false;       ///< how much it sends is counted
  bool throttled : 1 = false;     ///< it has sent too much, and is not read for a while
  User* user = nullptr;
  Memberships memberships;
  std::unique_ptr<Details> details;
  std::unique_ptr<Waiting> waiting;
  std::unique_ptr<crypto::ClientKey> key;  ///< of a client with built-in encryption
  const std::chrono::system_clock::time_point connected_at;
  net::TimePoint last_activity;
};

inline const boost::json::value& Client::metadata() const noexcept {
  static const boost::json::value kNone;
  return details ? details->metadata : kNone;
}

}  // namespace hearth::hub
