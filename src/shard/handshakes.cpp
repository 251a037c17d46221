#include "shard/handshakes.hpp"

#include "crypto/base64.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/random.hpp"
#include "protocol/json.hpp"

#include <boost/asio/post.hpp>

#include <exception>

namespace hearth::shard {

namespace {

/// The client's key as it stands in `authenticate`'s data; nothing if there is none or it is null.
std::optional<std::string_view> public_key_of(std::string_view auth_data) {
  if (!protocol::is_object(auth_data)) return std::nullopt;
  const auto value = protocol::find_member(auth_data, "publicKey");
  return value && *value != "null" ? value : std::nullopt;
}

}  // namespace

/// A key agreement that the control plane works on.
struct Handshakes::Agreement {
  protocol::ClientId client;
  crypto::PublicKey peer;
  Then then;
  crypto::AesKey key{};
  crypto::Iv first_iv{};
  Result result{};

  void run(ControlPlane& plane) {
    try {
      const crypto::KeyPair pair = plane.take_key_pair();
      crypto::Salt salt;
      crypto::fill_random(salt);
      auto derived = pair.derive(peer, salt, plane.options().encryption_info);
      if (!derived) {
        result.refusal = derived.error().message();
        return;
      }
      key = std::move(*derived);
      crypto::fill_random(first_iv);
      result.handshake = Handshake{crypto::encode_base64(pair.public_key()), crypto::encode_base64(salt)};
    } catch (const std::exception& error) {
      result.failed = true;
      plane.log()(LogLevel::error, "handshake_failed", "no key could be made for a client",
                  {{"client", client.str()}, {"what", error.what()}});
    }
  }
};

bool Handshakes::is_wanted(std::string_view auth_data) const {
  switch (options().encryption) {
    case Encryption::off:
      return false;
    case Encryption::optional:
      return public_key_of(auth_data) && (options().handshake || is_built_in());
    case Encryption::required:
      return true;
  }
  return true;
}

void Handshakes::begin(hub::Client& client, const std::optional<std::string>& user_id, const std::string& auth_data,
                       Then then) {
  if (options().handshake) return ask(client, user_id, auth_data, std::move(then));
  if (is_built_in()) return agree(client, auth_data, std::move(then));
  plane_->log()(LogLevel::error, "handshake_failed",
                "encryption is required, but there is an outbound_transformer without a handshake");
  Result impossible;
  impossible.is_possible = false;
  then(client, std::move(impossible));
}

void Handshakes::ask(hub::Client& client, const std::optional<std::string>& user_id, const std::string& auth_data,
                     Then then) {
  const std::string client_id = client.id.str();
  const HandshakeRequest request{client_id, detail::view(user_id), JsonView::trusted(auth_data)};
  calls_.invoke(
      options().handshake, client.id, HandlerCalls::Purpose::decides, request,
      [this, id = client.id, then = std::move(then)](Outcome<HandshakeResult> outcome, HandlerCalls::When /*when*/) {
        hub::Client* found = hub_.find_open(id);
        if (found == nullptr) return;
        Result result;
        result.failed = calls_.log_if_threw("handshake", id, outcome);
        if (!result.failed) result.handshake = std::move(outcome.value());
        if (!result.failed && !result.handshake) result.refusal = "the handshake handler refused";
        then(*found, std::move(result));
      });
}

// ECDH costs more than a hundred messages: it is worked out on the control plane.
void Handshakes::agree(hub::Client& client, std::string_view auth_data, Then then) {
  const auto token = public_key_of(auth_data);
  const auto refuse = [&](std::string why) {
    Result result;
    result.refusal = std::move(why);
    then(client, std::move(result));
  };
  if (!token || !protocol::is_string(*token)) return refuse("it gave no publicKey");
  std::string scratch;
  const auto peer = crypto::read_public_key(protocol::unescape(*token, scratch));
  if (!peer) return refuse(peer.error().message());
  const auto agreement = std::make_shared<Agreement>(Agreement{client.id, *peer, std::move(then)});
  calls_.begin_work();
  boost::asio::post(plane_->executor(), [this, plane = plane_, mailbox = mailbox_, agreement] {
    if (plane->slots().is_closed()) return;
    agreement->run(*plane);
    mailbox->post(Task([this, agreement](Shard& /*shard*/) {
                    calls_.end_work();
                    finish(*agreement);
                  }),
                  sizeof(Task), false);
  });
}

void Handshakes::finish(Agreement& agreement) {
  hub::Client* client = hub_.find_open(agreement.client);
  if (client == nullptr) return;
  if (agreement.result.handshake) {
    agreement.result.key = std::make_unique<crypto::ClientKey>(std::move(agreement.key), agreement.first_iv, cipher_);
  }
  agreement.then(*client, std::move(agreement.result));
}

}  // namespace hearth::shard
