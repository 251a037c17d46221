#include "api/cluster.hpp"

namespace hearth::app {

void ApiCluster::publish(const Target& target, std::string_view event, const Json& data,
                         std::span<const std::string> exclude) {
  switch (target.kind) {
    case Target::Kind::client:
      server_.send_to_client(target.name, event, data.view());
      break;
    case Target::Kind::user:
      server_.send_to_user(target.name, event, data.view());
      break;
    case Target::Kind::room:
      server_.send_to_room(target.name, event, data.view(), exclude);
      break;
    case Target::Kind::everybody:
      server_.broadcast(event, data.view(), exclude);
      break;
  }
  if (broker_) broker_->publish({.address = target, .event = event, .data = data.view(), .exclude = exclude});
}

bool ApiCluster::is_whole() const { return server_.broker_state() == BrokerState::ready; }

std::vector<std::string> ApiCluster::clients_of(const Target& target) const {
  std::vector<std::string> ids;
  if (target.kind == Target::Kind::client) {
    if (server_.client(target.name)) ids.emplace_back(target.name);
    return ids;
  }
  for (const ClientSnapshot& client : server_.clients_of_user(target.name)) ids.push_back(client.id);
  return ids;
}

}  // namespace hearth::app
