#pragma once

#include "hearth/json.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth {

/// Whether clients have a key of their own (docs/encryption.md).
enum class Encryption : std::uint8_t {
  off,       ///< a `publicKey` is ignored
  optional,  ///< who gives a `publicKey` in `authenticate` is encrypted from then on
  required,  ///< who gives none, or none that is good, is closed with 4004 `Encryption required`
};

/// Asks for the server's half of a key agreement. `data` is that of the client's `authenticate` message.
struct HandshakeRequest {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  JsonView data;
};

/// What the client needs for its half; goes to it in `connected`.
struct Handshake {
  std::string server_public_key;
  std::string salt;
};

/// Nothing refuses the client: `Encryption handshake failed`, close 4004.
using HandshakeResult = std::optional<Handshake>;

/// A message about to be sent to a client whose encryption is on.
struct OutboundMessage {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  std::string_view event;
  JsonView data;
};

/// What is sent instead. Without `data` the message has none.
struct OutboundReplacement {
  std::string event;  ///< not empty
  std::optional<boost::json::value> data{};
};

/// Nothing leaves the message as it is.
using OutboundResult = std::optional<OutboundReplacement>;

}  // namespace hearth
