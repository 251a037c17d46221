#include "load/conversation.hpp"

#include "load/requests.hpp"
#include "protocol/json.hpp"
#include "websocket/frame.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hearth::load {

namespace {

constexpr std::uint64_t kMaxMessage = 64 * 1024 * 1024;

// A server may refuse a join of more at once (docs/protocol.md, Limits).
constexpr std::size_t kRoomsAJoin = 50;

constexpr std::string_view kOfferOfDeflate =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// A mask protects against proxies that are fooled by what a page's script sends (RFC 6455, 10.3). Zero spares the
// load generator the work and is as good for the server to undo.
constexpr websocket::MaskKey kMask{};

// The text of a string member of an object; empty if there is none.
std::string text_of(std::string_view object, std::string_view key) {
  if (!protocol::is_object(object)) return {};
  const auto value = protocol::find_member(object, key);
  if (!value || !protocol::is_string(*value)) return {};
  std::string scratch;
  return std::string(protocol::unescape(*value, scratch));
}

// What an object says of a position: `offset`, and maybe `epoch`.
void read_position(std::string_view object, RoomPosition& position) {
  if (const auto offset = protocol::find_member(object, "offset")) {
    std::from_chars(offset->data(), offset->data() + offset->size(), position.offset);
  }
  if (std::string epoch = text_of(object, "epoch"); !epoch.empty()) position.epoch = std::move(epoch);
}

}  // namespace

Conversation::Conversation(const Plan& plan, const Traffic& traffic, Sockets& sockets, ConversationEvents& events)
    : plan_(plan), traffic_(traffic), sockets_(sockets), events_(events) {
  if (plan.encrypt) keys_.emplace();
}

void Conversation::begin(Client& client) {
  client.state = Client::State::upgrading;
  client.upgrade_key = websocket::random_key();
  client.head.clear();
  client.out = websocket::upgrade_request(plan_.host, plan_.path, client.upgrade_key,
                                          plan_.deflate ? kOfferOfDeflate : std::string_view());
  sockets_.write(client);
}

void Conversation::received(Client& client, std::span<char> bytes) {
  if (client.state == Client::State::upgrading) bytes = bytes.subspan(read_head(client, {bytes.data(), bytes.size()}));
  if (client.state == Client::State::authenticating || client.state == Client::State::open) read_frames(client, bytes);
}

// Returns how many of the bytes belonged to it.
std::size_t Conversation::read_head(Client& client, std::string_view bytes) {
  const std::size_t before = client.head.size();
  client.head.append(bytes);
  const websocket::ResponseHead answer = websocket::read_response_head(client.head, client.upgrade_key);
  if (!answer.complete) return bytes.size();
  if (answer.error) {
    const std::string first_line = client.head.substr(0, client.head.find('\r'));
    fail(client, plan_.url + " does not take WebSocket connections: " + first_line);
    return bytes.size();
  }
  client.is_compressed = answer.deflate.has_value();
  client.reader = websocket::MessageReader();
  client.head = {};
  client.upgrade_key = {};
  client.state = Client::State::authenticating;
  const std::string token = plan_.tokens ? plan_.tokens->make(client.index) : plan_.token;
  send_plain(client, authenticate_request(client.index, token, keys_ ? keys_->public_key() : std::string_view()));
  return answer.consumed - before;
}

void Conversation::read_frames(Client& client, std::span<char> bytes) {
  using Kind = websocket::Event::Kind;
  const websocket::ReaderContext context{websocket::Role::client, kMaxMessage,
                                         client.is_compressed ? &inflater_ : nullptr, true};
  while (client.state != Client::State::closed) {
    const websocket::Event event = client.reader.next(bytes, context);
    const std::string_view payload(event.payload.data(), event.payload.size());
    switch (event.kind) {
      case Kind::need_more:
        return;
      case Kind::message:
        read_message(client, payload);
        break;
      case Kind::ping:
        send_frame(client, websocket::Opcode::pong, payload);
        break;
      case Kind::pong:
        break;
      case Kind::close:
        return fail(client, "the server closed with " + std::to_string(event.code) + " " + std::string(payload));
      case Kind::failed:
        return fail(client, "the server broke the WebSocket protocol: " + event.error.message());
    }
  }
}

void Conversation::read_message(Client& client, std::string_view text) {
  if (!client.key) {
    if (const auto stamp = find_stamp(text)) return read_delivery(client, *stamp, text);
  }
  if (reader_.read(text) != protocol::EnvelopeReader::Result::envelope) {
    return events_.erred(client, "what came is no envelope");
  }
  if (!client.key || reader_.envelope().event != "encrypted") return read_event(client, reader_.envelope());
  const auto opened = cipher_.open(*client.key, reader_.envelope().data);
  if (!opened) return events_.erred(client, "an encrypted message does not open: " + opened.error().message());
  if (const auto stamp = find_stamp(*opened)) return read_delivery(client, *stamp, *opened);
  if (reader_.read(*opened) == protocol::EnvelopeReader::Result::envelope) read_event(client, reader_.envelope());
}

void Conversation::read_event(Client& client, const protocol::Envelope& envelope) {
  if (envelope.event == "connected" && client.state == Client::State::authenticating) {
    return become_open(client, envelope.data);
  }
  if (envelope.event == "error") {
    events_.erred(client, "the server answered " + std::string(envelope.data));
    if (!envelope.id.empty()) request_answered(client);
    return;
  }
  if (envelope.event == "gap") {
    return events_.erred(client, "the server told of a gap: " + std::string(envelope.data));
  }
  const bool has_ack = plan_.send_by == SendBy::publish || plan_.since;
  const bool is_answer = has_ack ? envelope.event == "ack" : envelope.event == "echo";
  if (!is_answer || client.state != Client::State::open) return;
  if (plan_.since) read_positions(client, envelope.data);
  request_answered(client);
}

void Conversation::read_delivery(Client& client, const Stamp& stamp, std::string_view text) {
  if (plan_.scenario == Scenario::recover) {
    RoomPosition* position = client.rooms.position(stamp.stream);
    if (position != nullptr) read_position(text, *position);
  }
  events_.delivered(client, stamp);
}

// Where it stands in each room that it has joined.
void Conversation::read_positions(Client& client, std::string_view data) {
  const auto positions = protocol::is_object(data) ? protocol::find_member(data, "positions") : std::nullopt;
  for (const std::uint32_t stream : traffic_.memberships[client.index]) {
    const std::string& room = traffic_.streams[stream].room;
    const auto found =
        positions && protocol::is_object(*positions) ? protocol::find_member(*positions, room) : std::nullopt;
    RoomPosition* position = client.rooms.position(stream);
    if (position == nullptr) continue;
    if (!found || !protocol::is_object(*found)) {
      if (plan_.scenario == Scenario::recover && plan_.missed == 0) continue;
      events_.erred(client,
                    "the room " + room + " keeps no history; `hearth serve --dev --history 1000` has one for all");
    } else if (protocol::find_member(*found, "recovered") == "false") {
      events_.erred(client, "the room " + room + " was not recovered: " + std::string(*found));
    } else {
      read_position(*found, *position);
    }
  }
}

void Conversation::become_open(Client& client, std::string_view data) {
  client.id = text_of(data, "id");
  if (client.id.empty()) return fail(client, "`connected` came without an id");
  if (keys_) {
    auto key = keys_->derive(text_of(data, "serverPublicKey"), text_of(data, "salt"), cipher_);
    if (!key) return fail(client, "`connected` came without a good serverPublicKey and salt: " + key.error().message());
    client.key = std::move(*key);
  }
  client.state = Client::State::open;
  events_.opened(client);
}

void Conversation::join_rooms(Client& client) {
  if (plan_.scenario == Scenario::echo) client.rooms.enter(client.index);
  const auto& streams = traffic_.memberships[client.index];
  for (std::size_t i = 0; i < streams.size(); i += kRoomsAJoin) {
    const auto begin = streams.begin() + static_cast<std::ptrdiff_t>(i);
    join(client, {begin, begin + static_cast<std::ptrdiff_t>(std::min(kRoomsAJoin, streams.size() - i))});
  }
  if (client.rooms.is_settled()) events_.settled(client);
}

void Conversation::join(Client& client, std::vector<std::uint32_t> streams) {
  request(client, true, streams);
  client.rooms.join(std::move(streams));
}

void Conversation::leave(Client& client, std::uint32_t stream) {
  request(client, false, {&stream, 1});
  client.rooms.leave(stream);
}

// `join` and `leave` may come plain from encrypted clients too, and Ignis takes them so alone.
void Conversation::request(Client& client, bool is_join, std::span<const std::uint32_t> streams) {
  if (is_join && plan_.since) return join_since(client, streams);
  std::vector<std::string_view> names;
  for (const auto stream : streams) names.push_back(traffic_.streams[stream].room);
  send_plain(client, rooms_request(is_join, names, plan_.send_by));
  if (plan_.send_by == SendBy::application) send_event(client, kEchoRequest);
}

void Conversation::join_since(Client& client, std::span<const std::uint32_t> streams) {
  static const RoomPosition nowhere;
  std::vector<RoomSince> rooms;
  for (const auto stream : streams) {
    const RoomPosition* position = client.rooms.position(stream);
    rooms.push_back({traffic_.streams[stream].room, position != nullptr ? *position : nowhere});
  }
  send_plain(client, since_request(rooms));
}

void Conversation::request_answered(Client& client) {
  const auto sent = [this](std::uint32_t stream) {
    return traffic_.streams[stream].sent.load(std::memory_order_acquire);
  };
  if (!client.rooms.answered(sent)) return events_.erred(client, "an answer came to a request that was not made");
  if (client.rooms.is_settled()) events_.settled(client);
}

void Conversation::send_heartbeat(Client& client) { send_plain(client, R"({"event":"heartbeat"})"); }

void Conversation::send_message(Client& client, const Stamp& stamp) {
  const std::string_view room = traffic_.streams[stamp.stream].room;
  scratch_.clear();
  append_message(scratch_, plan_.send_by, stamp, room.empty() ? std::string_view(client.id) : room, room.empty(),
                 plan_.bytes);
  send_event(client, scratch_);
}

// As the client sends its application's events: encrypted, if it has a key.
void Conversation::send_event(Client& client, std::string_view text) {
  send_plain(client, client.key ? cipher_.seal(*client.key, text) : text);
}

void Conversation::send_frame(Client& client, websocket::Opcode opcode, std::string_view payload) {
  websocket::append_masked_frame(client.out, opcode, payload, kMask);
  sockets_.write(client);
}

void Conversation::fail(Client& client, std::string why) {
  sockets_.close(client);
  events_.failed(client, std::move(why));
}

}  // namespace hearth::load
