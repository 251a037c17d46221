#include "hub/shard.hpp"
#include "protocol/envelope.hpp"

#include <boost/json/serialize.hpp>

#include <memory>
#include <utility>

namespace hearth::hub {

void Shard::send_pieces(Client& client, std::span<const std::string_view> pieces) {
  if (client.transformed) {
    std::string envelope;
    for (const std::string_view piece : pieces) envelope += piece;
    return transform(client, envelope);
  }
  net::Outgoing message = loop_.stage(pieces);
  loop_.send(client, message);
}

void Shard::transform(Client& client, std::string_view envelope) {
  if (!client.is_open()) return;
  protocol::EnvelopeReader reader;  // the shard's own may be in use: a handler sends what this is about
  if (reader.read(envelope) != protocol::EnvelopeReader::Result::envelope) return;
  const protocol::Envelope& read = reader.envelope();
  auto message = std::make_shared<Transformation>();
  message->client = client.id;
  message->client_id = client.id.str();
  if (client.user != nullptr) message->user_id = client.user->id;
  message->envelope = envelope;
  message->event = read.event;
  message->data = read.data;
  message->id_json = read.id_json;

  const auto& transformer = options_.outbound_transformer;
  if (!transformer.is_coroutine()) {
    message->outcome = Outcome<OutboundResult>::of([&] { return transformer.call(message->request()); });
    return send_transformed(client, *message);
  }
  std::size_t& waiting = transforming_[client.id];
  if (waiting != 0 && waiting + envelope.size() > options_.backpressure_limit) return loop_.drop(client);
  waiting += envelope.size();
  core_.transforms().add(message, [mailbox = mailbox_](std::shared_ptr<Transformation> done) {
    const std::size_t bytes = done->envelope.size() + sizeof(Transformation);
    mailbox->post(Task([done = std::move(done)](Shard& shard) {
                    const auto entry = shard.transforming_.find(done->client);
                    entry->second -= done->envelope.size();
                    if (entry->second == 0) shard.transforming_.erase(entry);
                    Client* found = shard.hub_.find(done->client);
                    if (found != nullptr) shard.send_transformed(*found, *done);
                  }),
                  bytes, false);
  });
}

void Shard::send_transformed(Client& client, Transformation& message) {
  if (log_if_threw("outbound_transformer", message.client, message.outcome)) return;
  const OutboundResult& replacement = message.outcome.value();
  const std::string data =
      replacement && replacement->data ? boost::json::serialize(*replacement->data) : std::string();
  if (replacement && replacement->event.empty()) {
    return core_.log()(LogLevel::error,
                       "outbound_transformer gave an event without a name for client " + message.client_id);
  }
  const protocol::EnvelopeText replaced(replacement ? replacement->event : message.event,
                                        replacement ? std::string_view(data) : message.data, message.id_json);
  net::Outgoing outgoing = loop_.stage(replaced.pieces());
  loop_.send(client, outgoing);
}

}  // namespace hearth::hub
