// Clients whose identity ends at a time, and goes on (docs/protocol.md, Renewal).

#include "protocol/json.hpp"
#include "shard/admission.hpp"
#include "shard/rejection.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::shard {

namespace {

// A client may try so often.
constexpr net::Millis kRenewalPeriod{1'000};

}  // namespace

void Admission::renew(hub::Client& client, const protocol::Envelope& envelope) {
  hub::Client::Details& details = *client.details;
  const net::TimePoint now = at_.host.now();
  if (details.renewed_at != net::TimePoint{} && now - details.renewed_at < kRenewalPeriod) {
    if (envelope.id_json.empty()) return;
    return at_.answers.error(client, protocol::request_error::kAuthenticationUnavailable, envelope.id_json);
  }
  details.renewed_at = now;
  const std::string client_id = client.id.str();
  const std::string remote_address = client.remote_address();
  const auto user_id = client.user != nullptr ? std::optional<std::string>(client.user->id) : std::nullopt;
  AuthenticateRequest request{client_id, auth_data_of(envelope), remote_address};
  const std::optional<ClientCertificate> certificate = client.certificate();
  if (certificate) request.certificate = &*certificate;
  request.renewal = true;
  request.user_id = detail::view(user_id);
  request.context = details.context;
  // The client is not busy meanwhile: it goes on working.
  at_.calls.invoke(options_.authenticate, client.id, HandlerCalls::Purpose::decides, request,
                   [this, id = client.id, id_json = std::string(envelope.id_json), &counts = tally_.of(request)](
                       Outcome<AuthenticateResult> outcome, HandlerCalls::When /*when*/) {
                     hub::Client* found = at_.hub.find_open(id);
                     if (found != nullptr) renewal_decided(*found, id_json, counts, std::move(outcome));
                   });
}

// What fails costs nothing but an error: the client may try again until its time is over.
void Admission::renewal_decided(hub::Client& client, const std::string& id_json, AuthenticationCounts& counts,
                                Outcome<AuthenticateResult> outcome) {
  if (!throws_refusal(outcome)) at_.calls.log_if_threw("authenticate", client.id, outcome);
  const auto fail = [&](const protocol::RequestError& error) {
    if (!id_json.empty()) return at_.answers.error(client, error, id_json, reason_for(outcome));
    at_.answers.error(client, protocol::request_error::kAuthenticationFailed.message);
  };
  if (const auto refusal = refusal_of(client, outcome, counts)) return fail(refusal->error);
  Identity& identity = *outcome.value();
  const auto user_id = client.user != nullptr ? std::optional<std::string>(client.user->id) : std::nullopt;
  if (identity.user_id != user_id) {
    ++counts.rejected;
    return fail(protocol::request_error::kAnotherUser);
  }
  if (is_kept_out(client, identity, counts)) return fail(protocol::request_error::kAuthenticationFailed);
  ++counts.accepted;
  take_identity(client, identity);
  check_rooms(client, id_json);
}

// Rooms that it is in by its own asking, and may not be in any more, are left.
void Admission::check_rooms(hub::Client& client, const std::string& id_json) {
  std::vector<std::string> rooms;
  for (const auto& membership : client.memberships) {
    if (membership.asked) rooms.push_back(membership.room->name);
  }
  if (rooms.empty() || !options_.validate_room) return renewed(client, id_json);
  const std::string client_id = client.id.str();
  const auto user_id = client.user != nullptr ? std::optional<std::string>(client.user->id) : std::nullopt;
  const ValidateRoomRequest request{client_id, detail::view(user_id), rooms, client.context(), true};
  at_.calls.invoke(options_.validate_room, client.id, HandlerCalls::Purpose::decides, request,
                   [this, id = client.id, id_json, rooms](Outcome<RoomDecisions> outcome, HandlerCalls::When /*when*/) {
                     hub::Client* found = at_.hub.find_open(id);
                     if (found == nullptr) return;
                     // Who cannot be asked has not said no.
                     if (!at_.calls.log_if_threw("validate_room", id, outcome)) {
                       const auto& allowed = outcome.value().allowed;
                       for (const std::string& room : rooms) {
                         if (std::find(allowed.begin(), allowed.end(), room) == allowed.end())
                           at_.hub.leave(*found, room);
                       }
                     }
                     renewed(*found, id_json);
                   });
}

void Admission::renewed(hub::Client& client, const std::string& id_json) {
  if (!id_json.empty()) at_.answers.ack(client, ack_of(client), id_json);
}

// All rooms that it is in, and for how long it is who it is.
std::string Admission::ack_of(const hub::Client& client) const {
  std::string ack = R"({"rooms":[)";
  for (const std::string& room : at_.hub.rooms_of(client)) {
    if (ack.back() != '[') ack += ',';
    protocol::append_quoted(ack, room);
  }
  ack += ']';
  if (client.details && client.details->expires_at) {
    const auto left = std::max(*client.details->expires_at - at_.host.now(), net::Millis(0));
    ack += R"(,"expiresIn":)" + std::to_string(std::chrono::floor<std::chrono::seconds>(left).count());
  }
  ack += '}';
  return ack;
}

}  // namespace hearth::shard
