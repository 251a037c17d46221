#include "shard/answers.hpp"

#include "protocol/envelope.hpp"
#include "protocol/json.hpp"

#include <string>

namespace hearth::shard {

void Answers::event(hub::Client& client, std::string_view event, std::string_view data, std::string_view id_json) {
  const protocol::EnvelopeText text(event, data, id_json);
  outlet_.send(client, text.pieces());
}

void Answers::error(hub::Client& client, std::string_view message) {
  std::string data = R"({"message":)";
  protocol::append_quoted(data, message);
  data += '}';
  event(client, protocol::event::kError, data);
}

void Answers::error(hub::Client& client, const protocol::RequestError& error, std::string_view id_json,
                    std::string_view more) {
  if (id_json.empty()) return this->error(client, error.message);
  std::string data = R"({"message":)";
  protocol::append_quoted(data, error.message);
  data += R"(,"code":)" + std::to_string(error.code);
  data += more;
  data += '}';
  event(client, protocol::event::kError, data, id_json);
}

}  // namespace hearth::shard
