#include "api/client_json.hpp"
#include "config/times.hpp"

#include <string>
#include <utility>

namespace hearth::app {

boost::json::object json_of(const ClientSnapshot& client) {
  boost::json::array rooms;
  for (const std::string& room : client.rooms) rooms.emplace_back(room);
  boost::json::object object{{"id", client.id},
                             {"state", to_string(client.state)},
                             {"address", client.remote_address},
                             {"connectedAt", config::show_time(client.connected_at)},
                             {"lastActivityAt", config::show_time(client.last_activity)},
                             {"rooms", std::move(rooms)},
                             {"roomCount", client.room_count},
                             {"backlogBytes", client.backlog_bytes},
                             {"messagesDropped", client.messages_dropped},
                             {"backpressured", client.backpressured},
                             {"encrypted", client.encrypted}};
  if (client.user_id) object["user"] = *client.user_id;
  if (client.expires_at) object["expiresAt"] = config::show_time(*client.expires_at);
  if (!client.metadata.is_null()) object["metadata"] = client.metadata;
  return object;
}

boost::json::array json_of(const std::vector<ClientSnapshot>& clients) {
  boost::json::array array;
  for (const ClientSnapshot& client : clients) array.push_back(json_of(client));
  return array;
}

}  // namespace hearth::app
