#pragma once

#include "hearth/broker.hpp"
#include "hearth/publication.hpp"
#include "protocol/broker_envelope.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace hearth::broker {

/// The message as it is published.
inline std::string envelope_of(std::string_view server_id, const BrokerMessage& message) {
  std::string text;
  protocol::append_broker_envelope(text, {.server_id = server_id,
                                          .target = message.address,
                                          .event = message.event,
                                          .data = message.data.text(),
                                          .from = message.from.text(),
                                          .exclude = message.exclude,
                                          .key = message.key});
  return text;
}

/// The publication that it is, if it has a position.
inline PublicationPtr publication_of(const protocol::BrokerEnvelope& envelope) {
  return std::make_shared<const StoredPublication>(Publication{.room = envelope.target.name,
                                                               .position = envelope.position,
                                                               .event = envelope.event,
                                                               .data = JsonView::trusted(envelope.data),
                                                               .from = JsonView::trusted(envelope.from),
                                                               .key = envelope.key,
                                                               .exclude = envelope.exclude,
                                                               .time_ms = envelope.time_ms});
}

}  // namespace hearth::broker
