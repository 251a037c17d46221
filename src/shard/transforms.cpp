#include "shard/transforms.hpp"

#include "protocol/envelope.hpp"

#include <boost/json/serialize.hpp>

#include <optional>
#include <string>
#include <utility>

namespace hearth::shard {

void Transforms::send(hub::Client& client, std::string_view envelope) {
  if (!client.is_open()) return;
  protocol::EnvelopeReader reader;  // the shard's own may be in use: a handler sends what this is about
  if (reader.read(envelope) != protocol::EnvelopeReader::Result::envelope) return;
  const protocol::Envelope& read = reader.envelope();
  const std::string client_id = client.id.str();
  const OutboundMessage request{
      client_id, client.user != nullptr ? std::optional<std::string_view>(client.user->id) : std::nullopt, read.event,
      JsonView::trusted(read.data)};
  const auto message = std::make_shared<Transformation>(
      Transformation{client.id, Owned<OutboundMessage>(request), std::string(read.id_json), envelope.size()});

  const auto& transformer = plane_->options().outbound_transformer;
  if (!transformer.is_coroutine()) {
    message->outcome = Outcome<OutboundResult>::of([&] { return transformer.call(request); });
    return send_result(client, *message);
  }
  std::size_t& waiting = waiting_[client.id];
  if (waiting != 0 && waiting + envelope.size() > limit_) return host_.drop(client);
  waiting += envelope.size();
  ++running_;
  plane_->transforms().add(message, [this, mailbox = mailbox_](std::shared_ptr<Transformation> done) {
    const std::size_t bytes = done->size + sizeof(Transformation);
    mailbox->post(Task([this, done = std::move(done)](Shard& /*shard*/) { finish(*done); }), bytes, false);
  });
}

void Transforms::finish(Transformation& done) {
  --running_;
  const auto entry = waiting_.find(done.client);
  entry->second -= done.size;
  if (entry->second == 0) waiting_.erase(entry);
  hub::Client* client = hub_.find(done.client);
  if (client != nullptr) send_result(*client, done);
}

void Transforms::send_result(hub::Client& client, Transformation& message) {
  const auto complain = [&](std::string_view event, std::string_view what) {
    plane_->log()(LogLevel::error, event, "a message is not sent",
                  {{"handler", "outbound_transformer"}, {"client", message.message.client_id}, {"what", what}});
  };
  if (message.outcome.threw()) return complain("handler_threw", message.outcome.what());
  const OutboundResult& replacement = message.outcome.value();
  if (replacement && replacement->event.empty()) return complain("handler_failed", "it gave an event without a name");
  const std::string data =
      replacement && replacement->data ? boost::json::serialize(*replacement->data) : std::string();
  const protocol::EnvelopeText replaced(replacement ? replacement->event : message.message.event,
                                        replacement ? std::string_view(data) : message.message.data, message.id_json);
  host_.send_plain(client, replaced.pieces());
}

}  // namespace hearth::shard
