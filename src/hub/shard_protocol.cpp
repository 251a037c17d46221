#include "hub/invoke.hpp"
#include "hub/shard.hpp"
#include "protocol/iso_time.hpp"
#include "protocol/json.hpp"

#include <utility>

namespace hearth::hub {

namespace {

constexpr std::string_view kEmptyObject = "{}";

struct OwnedAuthenticate {
  std::string client_id;
  std::string data;
  std::string remote_address;

  AuthenticateRequest request() const { return {client_id, JsonView::trusted(data), remote_address}; }
};

struct OwnedConnected {
  std::string client_id;
  std::optional<std::string> user_id;
  boost::json::value metadata;

  ClientConnected request() const {
    return {client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt, metadata};
  }
};

bool is_request(std::string_view event) {
  return event == protocol::event::kJoin || event == protocol::event::kLeave || event == protocol::event::kPublish;
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    protocol::append_quoted(json, text);
  }
  json += ']';
  return json;
}

}  // namespace

void Shard::received(net::Connection& connection, websocket::Opcode /*opcode*/, std::span<char> message) {
  auto& client = static_cast<Client&>(connection);
  client.last_activity = loop_.now();
  if (client.is_authenticated()) silent_.renew(client, loop_.now());
  read_message(client, {message.data(), message.size()}, false);
}

// `opened`: it came encrypted.
void Shard::read_message(Client& client, std::string_view text, bool opened) {
  using Result = protocol::EnvelopeReader::Result;
  switch (reader_.read(text)) {
    case Result::envelope:
      return dispatch(client, reader_.envelope(), text, opened);
    case Result::not_json:
      return answer_error(client, protocol::kInvalidMessageFormat);
    case Result::not_envelope:
      core_.log()(LogLevel::debug, "client " + client.id.str() + " sent JSON that is no envelope; it was dropped");
  }
}

// The order of docs/protocol.md, "What the server does with a message".
void Shard::dispatch(Client& client, const protocol::Envelope& envelope, std::string_view text, bool opened) {
  if (envelope.event == protocol::event::kHeartbeat) {
    if (!envelope.id_json.empty()) answer(client, protocol::event::kAck, kEmptyObject, envelope.id_json);
    return;
  }
  if (envelope.event == protocol::event::kAuthenticate) return authenticate(client, envelope);
  if (!client.is_authenticated()) {
    if (envelope.id_json.empty() || !is_request(envelope.event)) {
      return answer_error(client, protocol::kNotAuthenticated);
    }
    return answer_error(client, protocol::request_error::kNotAuthenticated, envelope.id_json);
  }
  if (client.key && handle_encryption(client, envelope, opened)) return;
  if (client.busy || client.waiting) return wait_for_turn(client, text);
  handle(client, envelope);
}

void Shard::handle(Client& client, const protocol::Envelope& envelope) {
  if (envelope.event == protocol::event::kJoin) return join(client, envelope);
  if (envelope.event == protocol::event::kLeave) return leave(client, envelope);
  if (options_.client_publish && envelope.event == protocol::event::kPublish) return publish(client, envelope);
  handle_application_message(client, envelope);
}

void Shard::authenticate(Client& client, const protocol::Envelope& envelope) {
  if (client.state != ClientState::unauthorized) {
    return answer_error(client, protocol::request_error::kAlreadyAuthenticated, envelope.id_json);
  }
  client.state = ClientState::authenticating;
  authenticating_.add(client, loop_.now());

  const bool has_data = !envelope.data.empty() && envelope.data != "null";
  const std::string client_id = client.id.str();
  const std::string remote_address = client.remote_address();
  const AuthenticateRequest request{client_id, JsonView::trusted(has_data ? envelope.data : kEmptyObject),
                                    remote_address};
  Admission admission{std::string(envelope.id_json), {}, {}};
  if (options_.encryption != Encryption::off) admission.auth_data = request.data.text();
  invoke(
      options_.authenticate, request,
      [&] {
        return OwnedAuthenticate{client_id, std::string(request.data.text()), remote_address};
      },
      [id = client.id, admission = std::move(admission)](Shard& shard, Outcome<AuthenticateResult> outcome) mutable {
        Client* found = shard.hub_.find(id);
        if (found == nullptr || !found->is_open()) return;  // it went while the handler was thinking
        shard.finish_authentication(*found, std::move(admission), std::move(outcome));
      });
}

void Shard::finish_authentication(Client& client, Admission admission, Outcome<AuthenticateResult> outcome) {
  if (log_if_threw("authenticate", client.id, outcome)) {
    return refuse_client(client, admission.id_json, protocol::request_error::kAuthenticationError);
  }
  if (!outcome.value()) {
    return refuse_client(client, admission.id_json, protocol::request_error::kAuthenticationFailed);
  }
  admission.identity = std::move(*outcome.value());
  if (wants_handshake(admission.auth_data)) return begin_handshake(client, std::move(admission));
  accept_client(client, std::move(admission));
}

void Shard::refuse_client(Client& client, const std::string& id_json, const protocol::RequestError& error) {
  answer_error(client, error, id_json);
  loop_.close(client, protocol::kAuthenticationFailed.code, protocol::kAuthenticationFailed.text);
}

void Shard::accept_client(Client& client, Admission admission) {
  client.metadata = std::move(admission.identity.metadata);
  if (admission.identity.user_id) hub_.assign_user(client, *admission.identity.user_id);
  hub_.admit(client);
  for (const std::string& room : options_.default_rooms) hub_.join(client, room);
  if (!awaits_subscription()) return welcome_client(client, admission);
  when_subscribed(client.id, [admission = std::move(admission)](Shard& shard, const protocol::ClientId& id) {
    if (Client* accepted = shard.open_client(id)) shard.welcome_client(*accepted, admission);
  });
}

void Shard::welcome_client(Client& client, const Admission& admission) {
  client.state = ClientState::authenticated;
  authenticated_.add();
  silent_.add(client, client.last_activity);

  std::string connected = R"({"id":")";
  client.id.append_to(connected);
  connected += '"';
  if (client.user != nullptr) {
    connected += R"(,"userId":)";
    protocol::append_quoted(connected, client.user->id);
  }
  connected += R"(,"time":")" + protocol::iso_time(std::chrono::system_clock::now()) + '"';
  if (admission.handshake) {
    connected += R"(,"serverPublicKey":)";
    protocol::append_quoted(connected, admission.handshake->server_public_key);
    connected += R"(,"salt":)";
    protocol::append_quoted(connected, admission.handshake->salt);
  }
  connected += '}';
  answer(client, protocol::event::kConnected, connected);
  if (admission.handshake) begin_encryption(client);  // and not before: `connected` brings the client its key
  if (!admission.id_json.empty()) {
    answer(client, protocol::event::kAck, R"({"rooms":)" + quoted_list(hub_.rooms_of(client)) + '}', admission.id_json);
  }
  call_connected(client);
}

void Shard::call_connected(Client& client) {
  if (!options_.client_connected) return;
  const std::string client_id = client.id.str();
  const auto user_id = client.user != nullptr ? std::optional(client.user->id) : std::nullopt;
  const ClientConnected event{client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt,
                              client.metadata};
  client.set_busy(options_.client_connected.is_coroutine());
  invoke(
      options_.client_connected, event,
      [&] {
        return OwnedConnected{client_id, user_id, client.metadata};
      },
      [id = client.id](Shard& shard, const Outcome<void>& outcome) {
        shard.log_if_threw("client_connected", id, outcome);
        if (shard.options_.client_connected.is_coroutine()) shard.next_turn(id);
      });
}

void Shard::answer(Client& client, std::string_view event, std::string_view data, std::string_view id_json) {
  const protocol::EnvelopeText text(event, data, id_json);
  send_pieces(client, text.pieces());
}

void Shard::answer_error(Client& client, std::string_view message) {
  std::string data = R"({"message":)";
  protocol::append_quoted(data, message);
  data += '}';
  answer(client, protocol::event::kError, data);
}

// Without an id the answer is Ignis's: the message alone.
void Shard::answer_error(Client& client, const protocol::RequestError& error, std::string_view id_json,
                         std::string_view rooms_json) {
  if (id_json.empty()) return answer_error(client, error.message);
  std::string data = R"({"message":)";
  protocol::append_quoted(data, error.message);
  data += R"(,"code":)" + std::to_string(error.code);
  if (!rooms_json.empty()) data.append(R"(,"rooms":)").append(rooms_json);
  data += '}';
  answer(client, protocol::event::kError, data, id_json);
}

}  // namespace hearth::hub
