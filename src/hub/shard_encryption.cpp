#include "crypto/key_agreement.hpp"
#include "crypto/random.hpp"
#include "hub/invoke.hpp"
#include "hub/shard.hpp"
#include "protocol/json.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace hearth::hub {

namespace {

// A client that sends so many messages in a row that do not open has another key, or none.
constexpr unsigned kMaxDecryptionFailures = 10;

struct OwnedHandshake {
  std::string client_id;
  std::optional<std::string> user_id;
  std::string data;

  HandshakeRequest request() const {
    return {client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt, JsonView::trusted(data)};
  }
};

/// The client's key as it stands in `authenticate`'s data; nothing if there is none or it is null.
std::optional<std::string_view> public_key_of(std::string_view auth_data) {
  if (!protocol::is_object(auth_data)) return std::nullopt;
  const auto value = protocol::find_member(auth_data, "publicKey");
  return value && *value != "null" ? value : std::nullopt;
}

}  // namespace

struct Shard::KeyAgreement {
  protocol::ClientId client;
  Admission admission;
  crypto::PublicKey peer;
  crypto::AesKey key{};
  crypto::Iv first_iv{};
  std::string refusal{};
  std::string failure{};  ///< what the library threw

  void run(ServerCore& core) {
    try {
      const crypto::KeyPair pair = core.take_key_pair();
      crypto::Salt salt;
      crypto::fill_random(salt);
      auto derived = pair.derive(peer, salt, core.options().encryption_info);
      if (!derived) {
        refusal = derived.error().message();
        return;
      }
      key = std::move(*derived);
      crypto::fill_random(first_iv);
      admission.handshake = Handshake{crypto::encode_base64(pair.public_key()), crypto::encode_base64(salt)};
    } catch (const std::exception& error) {
      failure = error.what();
    }
  }
};

bool Shard::wants_handshake(std::string_view auth_data) const {
  switch (options_.encryption) {
    case Encryption::off:
      return false;
    case Encryption::optional:
      return public_key_of(auth_data) && (options_.handshake || !has_encryption_handlers());
    case Encryption::required:
      return true;
  }
  return true;
}

void Shard::begin_handshake(Client& client, Admission admission) {
  if (options_.handshake) return ask_handshake(client, std::move(admission));
  if (!has_encryption_handlers()) return agree_on_key(client, std::move(admission));
  core_.log()(LogLevel::error, "encryption is required, but there is an outbound_transformer without a handshake");
  loop_.close(client, protocol::kEncryptionRequired.code, protocol::kEncryptionRequired.text);
}

void Shard::ask_handshake(Client& client, Admission admission) {
  const std::string client_id = client.id.str();
  const std::string data = std::exchange(admission.auth_data, {});
  const auto user_id = admission.identity.user_id;
  const HandshakeRequest request{client_id, user_id ? std::optional<std::string_view>(*user_id) : std::nullopt,
                                 JsonView::trusted(data)};
  invoke(
      options_.handshake, request,
      [&] {
        return OwnedHandshake{client_id, user_id, data};
      },
      [id = client.id, admission = std::move(admission)](Shard& shard, Outcome<HandshakeResult> outcome) mutable {
        Client* found = shard.hub_.find(id);
        if (found == nullptr || !found->is_open()) return;
        if (shard.log_if_threw("handshake", id, outcome)) {
          return shard.refuse_client(*found, admission.id_json, protocol::request_error::kAuthenticationError);
        }
        if (!outcome.value()) return shard.refuse_handshake(*found, admission.id_json, "the handshake handler refused");
        admission.handshake = std::move(outcome.value());
        shard.accept_client(*found, std::move(admission));
      });
}

// ECDH costs more than a hundred messages: it is worked out on the control plane.
void Shard::agree_on_key(Client& client, Admission admission) {
  const auto token = public_key_of(admission.auth_data);
  if (!token || !protocol::is_string(*token))
    return refuse_handshake(client, admission.id_json, "it gave no publicKey");
  std::string scratch;
  const auto peer = crypto::read_public_key(protocol::unescape(*token, scratch));
  if (!peer) return refuse_handshake(client, admission.id_json, peer.error().message());
  admission.auth_data = {};
  const auto agreement = std::make_shared<KeyAgreement>(KeyAgreement{client.id, std::move(admission), *peer});
  ++running_handlers_;
  boost::asio::post(core_.executor(), [core = core_.shared_from_this(), mailbox = mailbox_, agreement] {
    agreement->run(*core);
    mailbox->post(Task([agreement](Shard& shard) {
                    --shard.running_handlers_;
                    shard.finish_agreement(*agreement);
                  }),
                  sizeof(Task), false);
  });
}

void Shard::finish_agreement(KeyAgreement& agreement) {
  Client* client = hub_.find(agreement.client);
  if (client == nullptr || !client->is_open()) return;
  if (!agreement.failure.empty()) {
    core_.log()(LogLevel::error, "no key for client " + client->id.str() + ": " + agreement.failure);
    return refuse_client(*client, agreement.admission.id_json, protocol::request_error::kAuthenticationError);
  }
  if (!agreement.refusal.empty()) return refuse_handshake(*client, agreement.admission.id_json, agreement.refusal);
  client->key = std::make_unique<crypto::ClientKey>(std::move(agreement.key), agreement.first_iv, cipher_);
  accept_client(*client, std::move(agreement.admission));
}

void Shard::refuse_handshake(Client& client, const std::string& id_json, std::string_view why) {
  core_.log()(LogLevel::info,
              "client " + client.id.str() + " is refused, encryption is not possible: " + std::string(why));
  answer_error(client, protocol::request_error::kHandshakeFailed, id_json);
  loop_.close(client, protocol::kEncryptionRequired.code, protocol::kEncryptionRequired.text);
}

// Whatever is sent to the client after this is encrypted, wherever it comes from.
void Shard::begin_encryption(Client& client) {
  if (client.key) return loop_.begin_sealing(client);
  client.transformed = true;
}

void Shard::enable_encryption(std::string_view client_id) {
  Client* client = hub_.find(client_id);
  if (client != nullptr && client->is_authenticated()) client->transformed = true;
}

std::string_view Shard::seal(net::Connection& connection, std::string_view message) {
  auto& client = static_cast<Client&>(connection);
  try {
    const std::string_view sealed = cipher_.seal(*client.key, message);
    if (client.key->used() >= options_.max_messages_per_key) {
      retired_.push_back(client.id);
      loop_.wakeup()->notify();  // a message that leaves at the end of a tick is followed by another tick
    }
    return sealed;
  } catch (const std::exception& error) {
    core_.log()(LogLevel::error, "client " + client.id.str() + " is cut off: " + error.what());
    return {};
  }
}

std::size_t Shard::sealed_size(std::size_t message) const noexcept {
  return crypto::MessageCipher::sealed_size(message);
}

void Shard::close_retired() {
  while (!retired_.empty()) {
    Client* client = hub_.find(retired_.back());
    retired_.pop_back();
    if (client != nullptr) loop_.close(*client, protocol::kRekeyRequired.code, protocol::kRekeyRequired.text);
  }
}

// Whether that was all there is to do with the message. `join` and `leave` may always come plain: Ignis' clients send
// them so.
bool Shard::handle_encryption(Client& client, const protocol::Envelope& envelope, bool opened) {
  if (envelope.event == protocol::event::kEncrypted) {
    // One inside another has no meaning, and would be a way to have the server open many for one message.
    open_message(client, opened ? std::string_view() : envelope.data);
    return true;
  }
  const bool may_be_plain = opened || options_.encryption != Encryption::required ||
                            envelope.event == protocol::event::kJoin || envelope.event == protocol::event::kLeave;
  if (may_be_plain) return false;
  answer_error(client, protocol::request_error::kEncryptionRequired, envelope.id_json);
  return true;
}

void Shard::open_message(Client& client, std::string_view data) {
  crypto::Result<std::string_view> opened = make_error_code(crypto::Error::not_authentic);
  try {
    opened = cipher_.open(*client.key, data);
  } catch (const std::exception& error) {
    core_.log()(LogLevel::error, "a message of client " + client.id.str() + " was not opened: " + error.what());
  }
  if (opened && client.key->used() < options_.max_messages_per_key) return read_message(client, *opened, true);
  if (opened) return loop_.close(client, protocol::kRekeyRequired.code, protocol::kRekeyRequired.text);
  decryption_failures_.add();
  client.key->note_failure();
  answer_error(client, protocol::request_error::kDecryptionFailed, reader_.envelope().id_json);
  if (client.key->failures() >= kMaxDecryptionFailures) {
    loop_.close(client, protocol::kDecryptionFailed.code, protocol::kDecryptionFailed.text);
  }
}

}  // namespace hearth::hub
