#pragma once

#include "crypto/message_cipher.hpp"
#include "hearth/options.hpp"
#include "hub/hub.hpp"
#include "shard/control_plane.hpp"
#include "shard/handler_calls.hpp"
#include "shard/letter.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::shard {

/// The key agreement between an accepted `authenticate` and the client's becoming authenticated: the built-in one, or
/// the application's. The shard's thread alone.
class Handshakes {
 public:
  /// What came of one: the server's half, or nothing.
  struct Result {
    std::optional<Handshake> handshake{};
    bool failed = false;      ///< the handler threw, or there is no way to make one, and the log says so
    bool is_possible = true;  ///< false: nobody can have one, whatever the client does
    std::string refusal{};    ///< otherwise: why there is none
    std::unique_ptr<crypto::ClientKey> key{};  ///< of the built-in encryption
  };
  /// Called once, before `begin` returns or later, while the client is there.
  using Then = std::function<void(hub::Client&, Result)>;

  Handshakes(std::shared_ptr<ControlPlane> plane, std::shared_ptr<ShardMailbox> mailbox, const hub::Hub& hub,
             HandlerCalls& calls, crypto::MessageCipher& cipher)
      : plane_(std::move(plane)), mailbox_(std::move(mailbox)), hub_(hub), calls_(calls), cipher_(cipher) {}

  /// Whether a client with this auth data is to have one.
  bool is_wanted(std::string_view auth_data) const;
  void begin(hub::Client& client, const std::optional<std::string>& user_id, const std::string& auth_data, Then then);

 private:
  struct Agreement;

  const Options& options() const noexcept { return plane_->options(); }
  bool is_built_in() const noexcept { return !options().handshake && !options().outbound_transformer; }
  void ask(hub::Client& client, const std::optional<std::string>& user_id, const std::string& auth_data, Then then);
  void agree(hub::Client& client, std::string_view auth_data, Then then);
  void finish(Agreement& agreement);

  const std::shared_ptr<ControlPlane> plane_;
  const std::shared_ptr<ShardMailbox> mailbox_;
  const hub::Hub& hub_;
  HandlerCalls& calls_;
  crypto::MessageCipher& cipher_;
};

}  // namespace hearth::shard
