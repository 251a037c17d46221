#pragma once

#include "hearth/broker.hpp"
#include "protocol/broker_envelope.hpp"

#include <string>
#include <string_view>

namespace hearth::broker {

/// The message as it is published.
inline std::string envelope_of(std::string_view server_id, const BrokerMessage& message) {
  std::string text;
  protocol::append_broker_envelope(
      text, {server_id, message.address, message.event, message.data.text(), message.from.text(), message.exclude});
  return text;
}

}  // namespace hearth::broker
