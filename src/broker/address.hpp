#pragma once

#include "hearth/broker.hpp"
#include "protocol/broker_envelope.hpp"

#include <string>

namespace hearth::broker {

constexpr protocol::BrokerTarget target_of(BrokerAddress::Kind kind) noexcept {
  switch (kind) {
    case BrokerAddress::Kind::client:
      return protocol::BrokerTarget::client;
    case BrokerAddress::Kind::user:
      return protocol::BrokerTarget::user;
    case BrokerAddress::Kind::room:
      return protocol::BrokerTarget::room;
    case BrokerAddress::Kind::everybody:
      break;
  }
  return protocol::BrokerTarget::broadcast;
}

constexpr BrokerAddress::Kind kind_of(protocol::BrokerTarget target) noexcept {
  switch (target) {
    case protocol::BrokerTarget::client:
      return BrokerAddress::Kind::client;
    case protocol::BrokerTarget::user:
      return BrokerAddress::Kind::user;
    case protocol::BrokerTarget::room:
      return BrokerAddress::Kind::room;
    case protocol::BrokerTarget::broadcast:
      break;
  }
  return BrokerAddress::Kind::everybody;
}

/// The address's Redis channel; also a name for it where there is no Redis.
inline std::string channel_of(const BrokerAddress& address) {
  std::string channel;
  protocol::append_broker_channel(channel, target_of(address.kind), address.name);
  return channel;
}

/// The message as it is published.
inline std::string envelope_of(std::string_view server_id, const BrokerMessage& message) {
  std::string text;
  protocol::append_broker_envelope(
      text, {server_id, target_of(message.address.kind), message.address.name, message.event, message.data.text(),
             message.from.text(), message.exclude});
  return text;
}

}  // namespace hearth::broker
