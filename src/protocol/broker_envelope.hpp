#pragma once

#include "hearth/publication.hpp"
#include "hearth/target.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::protocol {

/// What emitters, which are no instances, call themselves.
inline constexpr std::string_view kEmitterId = "emitter";

/// A message between instances (docs/protocol.md, section 3). Read from a text, the views point into it or into the
/// reader, and are good until the reader's next call.
struct BrokerEnvelope {
  std::string_view server_id{};  ///< who sent it
  Target target{};               ///< its name without quotes and escapes
  std::string_view event{};      ///< without quotes and escapes
  std::string_view data{};       ///< valid JSON; empty when there is none
  std::string_view from{};       ///< a JSON object: the client that published it; empty when there is none
  std::span<const std::string> exclude{};

  // Of publications in the log of a room alone (docs/protocol.md, section 3).
  Position position{};       ///< offset 0: it is in no log
  std::string_view key{};    ///< without quotes and escapes
  std::int64_t time_ms = 0;  ///< since 1970; 0: not told
};

/// Reads such messages, fully validated. Reused, so that reading one without `exclude` allocates nothing.
class BrokerEnvelopeReader {
 public:
  enum class Result : std::uint8_t {
    envelope,
    malformed,  ///< not JSON, no object, `serverId` or `event` missing or no string, or `event` empty: to be logged
    ignored,    ///< an unknown `type`, or a `target` that is missing, empty or no string
  };

  Result read(std::string_view text);
  const BrokerEnvelope& envelope() const noexcept { return envelope_; }

 private:
  void read_exclude(std::string_view list);
  void read_place(std::string_view epoch, std::string_view offset, std::string_view time, std::string_view key);

  BrokerEnvelope envelope_;
  std::string server_id_scratch_;
  std::string target_scratch_;
  std::string event_scratch_;
  std::string key_scratch_;
  std::vector<std::string> exclude_;
};

/// What instances say to each other, with who says it (docs/protocol.md, section 3).
struct ControlEnvelope {
  std::string_view server_id{};
  std::string_view op{};       ///< not empty
  std::string_view message{};  ///< the whole text
};

/// Reads such messages, as the reader above does.
class ControlEnvelopeReader {
 public:
  /// False if it is none: not JSON, no object, or `serverId`, `op` or `type` is not what it should be.
  bool read(std::string_view text);
  const ControlEnvelope& envelope() const noexcept { return envelope_; }

 private:
  ControlEnvelope envelope_;
  std::string server_id_scratch_;
  std::string op_scratch_;
};

/// The message, valid JSON, with its sender; empty if it is no object with an `op`, or has a sender or a type already.
std::string control_envelope(std::string_view server_id, std::string_view message);

/// The Redis channel of control messages.
inline constexpr std::string_view kControlChannel = "ws:control";

/// Appends the message as JSON, without a position and a time: those are for the log to add.
void append_broker_envelope(std::string& out, const BrokerEnvelope& envelope);

/// The Redis channel of a target: `ws:broadcast`, `ws:room:<name>` and so on. Also a name for it where there is no
/// Redis.
std::string channel_of(const Target& target);

}  // namespace hearth::protocol
