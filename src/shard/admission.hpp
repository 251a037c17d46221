#pragma once

#include "hearth/metrics.hpp"
#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "log/log.hpp"
#include "net/counters.hpp"
#include "protocol/envelope.hpp"
#include "protocol/request_error.hpp"
#include "shard/answers.hpp"
#include "shard/authentication_tally.hpp"
#include "shard/blocks.hpp"
#include "shard/doorkeeper.hpp"
#include "shard/entrance.hpp"
#include "shard/expiries.hpp"
#include "shard/handler_calls.hpp"
#include "shard/handshakes.hpp"
#include "shard/subscriptions.hpp"
#include "shard/throttle.hpp"
#include "shard/timeouts.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

/// Takes a client from `authenticate` to `connected` (docs/protocol.md, Authentication). The shard's thread alone.
class Admission {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    virtual net::TimePoint now() const = 0;
    /// Whatever is sent to the client after this is encrypted.
    virtual void begin_encryption(hub::Client& client) = 0;
    /// It is one of us now, and was told so.
    virtual void admitted(hub::Client& client) = 0;
  };

  /// The other parts of the shard that this one works with.
  struct Parts {
    hub::Hub& hub;
    HandlerCalls& calls;
    Handshakes& handshakes;
    Subscriptions& subscriptions;
    Timeouts& timeouts;
    Expiries& expiries;
    const Blocks& blocks;
    Entrance& entrance;
    Throttle& throttle;
    Answers& answers;
    Outlet& outlet;
    Host& host;
  };

  Admission(const Options& options, log::Log log, const Parts& parts)
      : options_(options), log_(std::move(log)), at_(parts), tally_(options.authentication_method) {}

  void authenticate(hub::Client& client, const protocol::Envelope& envelope);
  /// An authenticated client has gone.
  void left() noexcept { authenticated_.subtract(); }

  /// What a block may be about.
  static Blocks::Subject subject_of(const hub::Client& client) noexcept;

  /// From any thread: authenticated clients.
  std::uint64_t authenticated() const noexcept { return authenticated_.get(); }
  /// What has become of all that asked.
  const AuthenticationTally& tally() const noexcept { return tally_; }

 private:
  /// A client on its way.
  struct Newcomer {
    AuthenticationCounts* counts;  ///< of its method; the tally's
    std::string id_json;
    std::string auth_data{};  ///< kept for the handshake alone
    Identity identity{};
    std::optional<Handshake> handshake{};
  };
  /// Why somebody is not let in, as the client is told.
  struct Refusal {
    protocol::RequestError error;
    protocol::CloseReason close;
  };

  /// Counts it.
  static std::optional<Refusal> refusal_of(const hub::Client& client, Outcome<AuthenticateResult>& outcome,
                                           AuthenticationCounts& counts);
  void decided(hub::Client& client, Newcomer newcomer, Outcome<AuthenticateResult> outcome);
  void agreed(hub::Client& client, Newcomer newcomer, Handshakes::Result result);
  void accept(hub::Client& client, Newcomer newcomer);
  void welcome(hub::Client& client, const Newcomer& newcomer);
  /// Counts it.
  bool is_kept_out(const hub::Client& client, const Identity& identity, AuthenticationCounts& counts);
  /// `reason`: said beside it, if there is one.
  void refuse(hub::Client& client, const std::string& id_json, const Refusal& refusal, std::string_view reason = {});
  void take_identity(hub::Client& client, Identity& identity);
  void take_info(hub::Client& client, const boost::json::value& info);

  /// What the handler is given; an empty object where the client has sent nothing.
  static JsonView auth_data_of(const protocol::Envelope& envelope) noexcept;

  // admission_renewal.cpp
  void renew(hub::Client& client, const protocol::Envelope& envelope);
  void renewal_decided(hub::Client& client, const std::string& id_json, AuthenticationCounts& counts,
                       Outcome<AuthenticateResult> outcome);
  void check_rooms(hub::Client& client, const std::string& id_json);
  void renewed(hub::Client& client, const std::string& id_json);
  std::string ack_of(const hub::Client& client) const;

  const Options& options_;
  const log::Log log_;
  const Parts at_;
  net::Counter authenticated_;
  AuthenticationTally tally_;
};

}  // namespace hearth::shard
