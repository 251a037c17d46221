#include "server/answer_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <initializer_list>
#include <utility>
#include <vector>

namespace hearth::server {

namespace {

namespace bj = boost::json;
using About = ClusterQuestion::About;
using Wall = std::chrono::system_clock::time_point;

constexpr std::array<std::pair<About, std::string_view>, 5> kAbouts{{{About::node, "node"},
                                                                     {About::client, "client"},
                                                                     {About::user, "user"},
                                                                     {About::room, "room"},
                                                                     {About::blocks, "blocks"}}};
constexpr std::array<ClientState, 4> kStates{ClientState::unauthorized, ClientState::authenticating,
                                             ClientState::authenticated, ClientState::disconnected};
constexpr std::array<std::pair<BrokerState, std::string_view>, 3> kBrokerStates{
    {{BrokerState::stopped, "stopped"}, {BrokerState::ready, "ready"}, {BrokerState::degraded, "degraded"}}};

std::int64_t in_ms(Wall time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Takes what another process says out of an object; what is missing or of another kind is as if it were nothing.
class Reader {
 public:
  explicit Reader(const bj::object& object) : object_(object) {}

  std::string text(std::string_view key) const {
    const bj::value* value = object_.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  }
  std::optional<std::int64_t> integer(std::string_view key) const {
    const bj::value* value = object_.if_contains(key);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
  }
  std::uint64_t count(std::string_view key) const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(integer(key).value_or(0), 0));
  }
  bool flag(std::string_view key) const {
    const bj::value* value = object_.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  std::optional<Wall> time(std::string_view key) const {
    constexpr std::int64_t kLast = 32'503'680'000'000;  // the year 3000
    const auto ms = integer(key);
    if (!ms || *ms < 0 || *ms > kLast) return std::nullopt;
    return Wall(std::chrono::milliseconds(*ms));
  }
  const bj::array& list(std::string_view key) const {
    static const bj::array kNone;
    const bj::value* value = object_.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : kNone;
  }
  const bj::value* value(std::string_view key) const { return object_.if_contains(key); }

 private:
  const bj::object& object_;
};

bj::object to_object(const ClientSnapshot& client) {
  bj::object object{{"id", client.id},
                    {"state", to_string(client.state)},
                    {"rooms", bj::array(client.rooms.begin(), client.rooms.end())},
                    {"roomCount", client.room_count},
                    {"backpressured", client.backpressured},
                    {"encrypted", client.encrypted},
                    {"connectedAt", in_ms(client.connected_at)},
                    {"lastActivity", in_ms(client.last_activity)},
                    {"metadata", client.metadata},
                    {"address", client.remote_address},
                    {"backlog", client.backlog_bytes},
                    {"dropped", client.messages_dropped}};
  if (client.user_id) object["user"] = *client.user_id;
  if (client.expires_at) object["expiresAt"] = in_ms(*client.expires_at);
  return object;
}

std::optional<ClientSnapshot> to_client(const bj::value& value) {
  if (!value.is_object()) return std::nullopt;
  const Reader from(value.get_object());
  ClientSnapshot client;
  client.id = from.text("id");
  if (from.value("user") != nullptr) client.user_id = from.text("user");
  const std::string state = from.text("state");
  const auto* known =
      std::find_if(kStates.begin(), kStates.end(), [&](ClientState one) { return to_string(one) == state; });
  if (client.id.empty() || known == kStates.end()) return std::nullopt;
  client.state = *known;
  for (const bj::value& room : from.list("rooms")) {
    if (room.is_string()) client.rooms.emplace_back(room.get_string());
  }
  client.room_count = from.count("roomCount");
  client.backpressured = from.flag("backpressured");
  client.encrypted = from.flag("encrypted");
  client.connected_at = from.time("connectedAt").value_or(Wall());
  client.last_activity = from.time("lastActivity").value_or(Wall());
  if (const bj::value* metadata = from.value("metadata")) client.metadata = *metadata;
  client.remote_address = from.text("address");
  client.backlog_bytes = from.count("backlog");
  client.messages_dropped = from.count("dropped");
  client.expires_at = from.time("expiresAt");
  return client;
}

bj::object to_object(const Block& block) {
  bj::object object{{block.token.empty() ? "user" : "token", block.token.empty() ? block.user : block.token},
                    {"until", in_ms(block.until)}};
  if (block.issued_before) object["issuedBefore"] = in_ms(*block.issued_before);
  return object;
}

std::optional<Block> to_block(const bj::value& value) {
  if (!value.is_object()) return std::nullopt;
  const Reader from(value.get_object());
  Block block;
  block.user = from.text("user");
  block.token = from.text("token");
  const auto until = from.time("until");
  if (block.user.empty() == block.token.empty() || !until) return std::nullopt;
  block.until = *until;
  block.issued_before = from.time("issuedBefore");
  return block;
}

bj::object to_object(const NodeReport& node) {
  const auto* state = std::find_if(kBrokerStates.begin(), kBrokerStates.end(),
                                   [&](const auto& one) { return one.first == node.broker_state; });
  return {{"version", node.version},  {"startedAt", in_ms(node.started_at)}, {"time", in_ms(node.time)},
          {"clients", node.clients},  {"connections", node.connections},     {"broker", state->second},
          {"draining", node.draining}};
}

NodeReport to_node(const bj::value* value) {
  NodeReport node;
  if (value == nullptr || !value->is_object()) return node;
  const Reader from(value->get_object());
  node.version = from.text("version");
  node.started_at = from.time("startedAt").value_or(Wall());
  node.time = from.time("time").value_or(Wall());
  node.clients = from.count("clients");
  node.connections = from.count("connections");
  const std::string broker = from.text("broker");
  const auto* state =
      std::find_if(kBrokerStates.begin(), kBrokerStates.end(), [&](const auto& one) { return one.second == broker; });
  if (state != kBrokerStates.end()) node.broker_state = state->first;
  node.draining = from.flag("draining");
  return node;
}

/// As an array of what fits.
template <class Item>
std::string list_json(const std::vector<Item>& items, std::size_t& room, bool& is_whole) {
  std::string list = "[";
  for (const Item& item : items) {
    const std::string json = bj::serialize(to_object(item));
    if (json.size() + 1 > room) {
      is_whole = false;
      break;
    }
    room -= json.size() + 1;
    if (list.size() > 1) list += ',';
    list += json;
  }
  return list + ']';
}

std::optional<bj::object> to_object(JsonView message) {
  try {
    bj::value value = message.parse();
    if (value.is_object()) return std::move(value.get_object());
  } catch (const std::exception&) {
    return std::nullopt;  // numbers or strings that Boost.JSON does not take
  }
  return std::nullopt;
}

}  // namespace

std::string beat_json(const Beat& beat) {
  bj::object object{{"op", "beat"}, {"name", beat.name}};
  if (beat.is_ending) object["ending"] = true;
  return bj::serialize(object);
}

std::optional<Beat> read_beat(JsonView message) {
  const auto object = to_object(message);
  if (!object) return std::nullopt;
  const Reader from(*object);
  return Beat{from.text("name"), from.flag("ending")};
}

std::string question_json(const NumberedQuestion& question) {
  const auto* about = std::find_if(kAbouts.begin(), kAbouts.end(),
                                   [&](const auto& one) { return one.first == question.question.about; });
  bj::object object{{"op", "query"}, {"number", question.number}, {"about", about->second}};
  if (!question.question.name.empty()) object["name"] = question.question.name;
  return bj::serialize(object);
}

std::optional<NumberedQuestion> read_question(JsonView message) {
  const auto object = to_object(message);
  if (!object) return std::nullopt;
  const Reader from(*object);
  const std::string name = from.text("about");
  const auto* about = std::find_if(kAbouts.begin(), kAbouts.end(), [&](const auto& one) { return one.second == name; });
  const auto number = from.integer("number");
  if (about == kAbouts.end() || !number || *number < 0) return std::nullopt;
  return NumberedQuestion{static_cast<std::uint64_t>(*number), {about->first, from.text("name")}};
}

std::string answer_json(const NumberedAnswer& numbered, std::size_t most) {
  const NodeAnswer& answer = numbered.answer;
  const bj::object head{{"op", "answer"},      {"to", numbered.to},         {"number", numbered.number},
                        {"name", answer.name}, {"members", answer.members}, {"node", to_object(answer.node)}};
  std::string json = bj::serialize(head);
  constexpr std::size_t kAround = 64;  // the names of what follows
  std::size_t room = most - std::min(most, json.size() + kAround);
  bool is_whole = answer.is_whole;
  const std::string clients = list_json(answer.clients, room, is_whole);
  const std::string blocks = list_json(answer.blocks, room, is_whole);
  json.pop_back();
  json.append(R"(,"clients":)").append(clients).append(R"(,"blocks":)").append(blocks);
  return json.append(R"(,"whole":)").append(is_whole ? "true}" : "false}");
}

std::optional<NumberedAnswer> read_answer(JsonView message) {
  const auto object = to_object(message);
  if (!object) return std::nullopt;
  const Reader from(*object);
  const auto number = from.integer("number");
  if (!number || *number < 0) return std::nullopt;
  NumberedAnswer numbered{from.text("to"), static_cast<std::uint64_t>(*number), {}};
  NodeAnswer& answer = numbered.answer;
  answer.name = from.text("name");
  answer.answered = true;
  answer.is_whole = from.flag("whole");
  answer.members = from.count("members");
  answer.node = to_node(from.value("node"));
  for (const bj::value& value : from.list("clients")) {
    if (auto client = to_client(value)) answer.clients.push_back(*std::move(client));
  }
  for (const bj::value& value : from.list("blocks")) {
    if (auto block = to_block(value)) answer.blocks.push_back(*std::move(block));
  }
  return numbered;
}

}  // namespace hearth::server
