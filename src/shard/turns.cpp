#include "shard/turns.hpp"

#include <memory>
#include <utility>

namespace hearth::shard {

void Turns::wait(hub::Client& client, std::string_view text) {
  if (!client.waiting) client.waiting = std::make_unique<hub::Client::Waiting>();
  hub::Client::Waiting& waiting = *client.waiting;
  waiting.messages.emplace_back(text);
  waiting.bytes += text.size();
  if (is_full(client)) host_.pause(client);
}

void Turns::end(const protocol::ClientId& id) {
  hub::Client* client = hub_.find(id);
  if (client == nullptr) return take_departed(id);
  client->set_busy(false);
  take(*client);
}

// Up to the next handler that waits, and while it takes the answers.
void Turns::take(hub::Client& client) {
  while (!client.busy && client.waiting && client.is_open() && host_.takes_answers(client)) {
    hub::Client::Waiting& waiting = *client.waiting;
    if (waiting.messages.empty()) {
      client.waiting.reset();
      break;
    }
    const std::string text = std::move(waiting.messages.front());
    waiting.messages.pop_front();
    waiting.bytes -= text.size();
    host_.handle(client, text);
  }
  if (!client.waiting) host_.resume(client);
}

void Turns::depart(hub::Client& client, const Departed& departed) {
  const bool waits = client.waiting && !client.waiting->messages.empty();
  if (!departed_.contains(client.id)) {
    if (!client.busy && !waits) return host_.departed(client.id, departed);
    Departed& kept = departed_.try_emplace(client.id, departed).first->second;
    if (waits) kept.messages = std::move(client.waiting->messages);
  }
  if (!client.busy) take_departed(client.id);
}

void Turns::take_departed(const protocol::ClientId& id) {
  const auto entry = departed_.find(id);
  if (entry == departed_.end()) return;
  Departed& departed = entry->second;
  while (!departed.messages.empty()) {
    const std::string text = std::move(departed.messages.front());
    departed.messages.pop_front();
    if (host_.handle_departed(id, departed, text)) return;
  }
  const Departed gone = departed;
  host_.departed(id, gone);
  departed_.erase(id);
}

}  // namespace hearth::shard
