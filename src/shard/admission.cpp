#include "shard/admission.hpp"

#include "hearth/grants.hpp"
#include "protocol/iso_time.hpp"
#include "protocol/json.hpp"
#include "shard/rejection.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::shard {

JsonView Admission::auth_data_of(const protocol::Envelope& envelope) noexcept {
  const bool has_data = !envelope.data.empty() && envelope.data != "null";
  return JsonView::trusted(has_data ? envelope.data : "{}");
}

void Admission::authenticate(hub::Client& client, const protocol::Envelope& envelope) {
  if (client.is_authenticated() && client.details && client.details->expires_at) return renew(client, envelope);
  if (client.state != ClientState::unauthorized) {
    return at_.answers.error(client, protocol::request_error::kAlreadyAuthenticated, envelope.id_json);
  }
  client.state = ClientState::authenticating;
  at_.timeouts.authenticating(client, at_.host.now());

  const std::string client_id = client.id.str();
  const std::string remote_address = client.remote_address();
  AuthenticateRequest request{client_id, auth_data_of(envelope), remote_address};
  const std::optional<ClientCertificate> certificate = client.certificate();
  if (certificate) request.certificate = &*certificate;
  std::vector<HttpField> headers;
  if (client.details) {
    for (const auto& [name, value] : client.details->headers) headers.push_back({name, value});
    request.headers = headers;
    request.path = client.details->path;
  }
  client.reads_events = !envelope.id_json.empty();
  // Shared, since what a coroutine leaves behind has to be copyable.
  const auto newcomer = std::make_shared<Newcomer>(Newcomer{&tally_.of(request), std::string(envelope.id_json)});
  if (options_.encryption != Encryption::off) newcomer->auth_data = request.data.text();
  at_.calls.invoke(options_.authenticate, client.id, HandlerCalls::Purpose::decides, request,
                   [this, id = client.id, newcomer](Outcome<AuthenticateResult> outcome, HandlerCalls::When /*when*/) {
                     hub::Client* found = at_.hub.find_open(id);
                     if (found == nullptr) return;  // it went while the handler was thinking
                     decided(*found, std::move(*newcomer), std::move(outcome));
                   });
}

std::optional<Admission::Refusal> Admission::refusal_of(const hub::Client& client, Outcome<AuthenticateResult>& outcome,
                                                        AuthenticationCounts& counts) {
  namespace error = protocol::request_error;
  if (outcome.threw<Unavailable>()) {
    ++counts.unavailable;
    return Refusal{error::kAuthenticationUnavailable, protocol::kTryAgainLater};
  }
  if (outcome.threw<TokenExpired>()) {
    ++counts.expired;
    if (client.reads_events) return Refusal{error::kTokenExpired, protocol::kTokenExpired};
    return Refusal{error::kAuthenticationFailed, protocol::kAuthenticationFailed};
  }
  if (outcome.threw<Rejected>()) {
    ++counts.rejected;
    return Refusal{error::kAuthenticationFailed, protocol::kAuthenticationFailed};
  }
  if (outcome.threw()) {
    ++counts.failed;
    return Refusal{error::kAuthenticationError, protocol::kAuthenticationFailed};
  }
  if (!outcome.value()) {
    ++counts.rejected;
    return Refusal{error::kAuthenticationFailed, protocol::kAuthenticationFailed};
  }
  return std::nullopt;
}

void Admission::decided(hub::Client& client, Newcomer newcomer, Outcome<AuthenticateResult> outcome) {
  if (!throws_refusal(outcome)) at_.calls.log_if_threw("authenticate", client.id, outcome);
  if (const auto refusal = refusal_of(client, outcome, *newcomer.counts)) {
    return refuse(client, newcomer.id_json, *refusal, reason_for(outcome));
  }
  newcomer.identity = std::move(*outcome.value());
  if (!at_.handshakes.is_wanted(newcomer.auth_data)) return accept(client, std::move(newcomer));
  const std::string auth_data = std::exchange(newcomer.auth_data, {});
  const auto user_id = newcomer.identity.user_id;
  const auto rest = std::make_shared<Newcomer>(std::move(newcomer));
  at_.handshakes.begin(client, user_id, auth_data, [this, rest](hub::Client& found, Handshakes::Result result) {
    agreed(found, std::move(*rest), std::move(result));
  });
}

void Admission::agreed(hub::Client& client, Newcomer newcomer, Handshakes::Result result) {
  if (!result.is_possible) {
    ++newcomer.counts->failed;
    return at_.outlet.close(client, protocol::kEncryptionRequired);
  }
  if (result.failed) {
    ++newcomer.counts->failed;
    return refuse(client, newcomer.id_json,
                  {protocol::request_error::kAuthenticationError, protocol::kAuthenticationFailed});
  }
  if (!result.handshake) {
    ++newcomer.counts->rejected;
    log_(LogLevel::info, "handshake_refused", "a client is refused, encryption is not possible",
         {{"client", client.id.str()}, {"why", result.refusal}});
    return refuse(client, newcomer.id_json, {protocol::request_error::kHandshakeFailed, protocol::kEncryptionRequired});
  }
  client.key = std::move(result.key);
  newcomer.handshake = std::move(result.handshake);
  accept(client, std::move(newcomer));
}

void Admission::refuse(hub::Client& client, const std::string& id_json, const Refusal& refusal,
                       std::string_view reason) {
  at_.answers.error(client, refusal.error, id_json, reason);
  at_.outlet.close(client, refusal.close);
}

Blocks::Subject Admission::subject_of(const hub::Client& client) noexcept {
  Blocks::Subject subject;
  if (client.user != nullptr) subject.user = client.user->id;
  if (client.details) {
    subject.token = client.details->token_id;
    subject.issued_at = client.details->issued_at;
  }
  return subject;
}

bool Admission::is_kept_out(const hub::Client& client, const Identity& identity, AuthenticationCounts& counts) {
  const Blocks::Subject subject{detail::view(identity.user_id), identity.token_id, identity.issued_at};
  if (!at_.blocks.keeps_out(subject, std::chrono::system_clock::now())) return false;
  ++counts.blocked;
  log_(LogLevel::info, "authentication_blocked", "somebody was not let in who is blocked",
       {{"client", client.id.str()}, {"user", identity.user_id.value_or("")}});
  return true;
}

void Admission::take_identity(hub::Client& client, Identity& identity) {
  const bool has_details = identity.expires_at || identity.context || !identity.token_id.empty() || identity.issued_at;
  if (has_details || client.details) {
    hub::Client::Details& details = client.make_details();
    details.context = std::move(identity.context);
    details.token_id = std::move(identity.token_id);
    details.issued_at = identity.issued_at;
  }
  at_.throttle.allow(client, identity.messages, at_.host.now());
  std::optional<net::TimePoint> end;
  if (identity.expires_at) {
    const auto now = std::chrono::system_clock::now();
    const auto left = std::max(*identity.expires_at, now) - now;
    end = net::after(at_.host.now(), std::chrono::floor<net::Millis>(left));
  }
  at_.expiries.set(client, end, at_.host.now());
  for (const std::string& room : identity.rooms) {
    if (!room.empty()) at_.hub.join(client, room);
  }
}

void Admission::take_info(hub::Client& client, const boost::json::value& info) {
  if (info.is_null()) return;
  std::string text = boost::json::serialize(info);
  if (text.size() > Grants::kMaxInfo) {
    log_(LogLevel::warning, "info_too_large", "others see no `info` of a client, because it is longer than 1 KiB",
         {{"client", client.id.str()}, {"bytes", std::to_string(text.size())}});
    return;
  }
  client.make_details().info = std::move(text);
}

void Admission::accept(hub::Client& client, Newcomer newcomer) {
  Identity& identity = newcomer.identity;
  if (is_kept_out(client, identity, *newcomer.counts)) {
    return refuse(client, newcomer.id_json,
                  {protocol::request_error::kAuthenticationFailed, protocol::kAuthenticationFailed});
  }
  if (identity.user_id && !at_.entrance.enter_user(*identity.user_id)) {
    ++newcomer.counts->rejected;
    return at_.outlet.close(client, protocol::kTooManyConnections);
  }
  if (client.details) {
    client.details->headers = {};
    client.details->path = {};
  }
  if (!identity.metadata.is_null()) client.make_details().metadata = std::move(identity.metadata);
  take_info(client, identity.info);
  if (identity.user_id) at_.hub.assign_user(client, *identity.user_id);
  at_.hub.admit(client);
  for (const std::string& room : options_.default_rooms) at_.hub.join(client, room);
  take_identity(client, identity);
  if (!at_.subscriptions.are_awaited()) return welcome(client, newcomer);
  at_.subscriptions.await(client.id, [this, newcomer = std::move(newcomer)](const protocol::ClientId& id) {
    if (hub::Client* accepted = at_.hub.find_open(id)) welcome(*accepted, newcomer);
  });
}

void Admission::welcome(hub::Client& client, const Newcomer& newcomer) {
  client.state = ClientState::authenticated;
  authenticated_.add();
  at_.entrance.authenticated();
  ++newcomer.counts->accepted;
  at_.timeouts.authenticated(client);

  std::string connected = R"({"id":")";
  client.id.append_to(connected);
  connected += '"';
  if (client.user != nullptr) {
    connected += R"(,"userId":)";
    protocol::append_quoted(connected, client.user->id);
  }
  connected += R"(,"time":")" + protocol::iso_time(std::chrono::system_clock::now()) + '"';
  if (newcomer.handshake) {
    connected += R"(,"serverPublicKey":)";
    protocol::append_quoted(connected, newcomer.handshake->server_public_key);
    connected += R"(,"salt":)";
    protocol::append_quoted(connected, newcomer.handshake->salt);
  }
  connected += '}';
  at_.answers.event(client, protocol::event::kConnected, connected);
  // And not before: `connected` brings the client its key.
  if (newcomer.handshake) at_.host.begin_encryption(client);
  if (!newcomer.id_json.empty()) {
    at_.answers.ack(client, ack_of(client), newcomer.id_json);
  }
  at_.host.admitted(client);
}

}  // namespace hearth::shard
