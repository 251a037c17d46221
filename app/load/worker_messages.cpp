#include "load/worker.hpp"

#include "protocol/json.hpp"

namespace hearth::load {

namespace {

constexpr std::uint64_t kMaxMessage = 64 * 1024 * 1024;

// A mask protects against proxies that are fooled by what a page's script sends (RFC 6455, 10.3). Zero spares the
// load generator the work and is as good for the server to undo.
constexpr websocket::MaskKey kMask{};

}  // namespace

void Worker::read_frames(Client& client, std::span<char> bytes) {
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
        received(client, payload);
        break;
      case Kind::ping:
        send_frame(client, websocket::Opcode::pong, payload);
        break;
      case Kind::pong:
        break;
      case Kind::close:
        return lose(client, "the server closed with " + std::to_string(event.code) + " " + std::string(payload));
      case Kind::failed:
        return lose(client, "the server broke the WebSocket protocol: " + event.error.message());
    }
  }
}

void Worker::received(Client& client, std::string_view text) {
  if (!client.key) {
    if (const auto stamp = find_stamp(text)) return received_stamp(client, *stamp);
  }
  if (reader_.read(text) != protocol::EnvelopeReader::Result::envelope)
    return error(client, "what came is no envelope");
  if (!client.key || reader_.envelope().event != "encrypted") return received_event(client, reader_.envelope());
  const auto opened = cipher_.open(*client.key, reader_.envelope().data);
  if (!opened) return error(client, "an encrypted message does not open: " + opened.error().message());
  if (const auto stamp = find_stamp(*opened)) return received_stamp(client, *stamp);
  if (reader_.read(*opened) == protocol::EnvelopeReader::Result::envelope) received_event(client, reader_.envelope());
}

void Worker::received_stamp(Client& client, const Stamp& stamp) {
  deliveries_.add();
  Membership* membership = client.find(stamp.stream);
  if (membership == nullptr || stamp.stream >= run_.traffic.streams.size()) {
    ++faults_.unexpected;
    return;
  }
  membership->sequence.receive(stamp.number, faults_);
  if (run_.measuring.load(std::memory_order_relaxed)) {
    const std::uint64_t now = run_.now();
    latencies_.record(now > stamp.at ? now - stamp.at : 0);
  }
  const Stream& stream = run_.traffic.streams[stamp.stream];
  if (stream.copies != 1 || stream.sender == client.index) arrived(run_.traffic.lanes[stream.lane], 1);
}

void Worker::received_event(Client& client, const protocol::Envelope& envelope) {
  if (envelope.event == "connected" && client.state == Client::State::authenticating) {
    return become_open(client, envelope.data);
  }
  if (envelope.event == "error") {
    error(client, "the server answered " + std::string(envelope.data));
    if (!envelope.id.empty()) request_answered(client);
    return;
  }
  const bool is_answer = plan_.send_by == SendBy::publish ? envelope.event == "ack" : envelope.event == "echo";
  if (is_answer && client.state == Client::State::open) request_answered(client);
}

void Worker::send_frame(Client& client, websocket::Opcode opcode, std::string_view payload) {
  websocket::append_masked_frame(client.out, opcode, payload, kMask);
  if (client.dirty) return;
  client.dirty = true;
  dirty_.push_back(&client);
}

void Worker::send_plain(Client& client, std::string_view text) { send_frame(client, websocket::Opcode::text, text); }

// As the client sends its application's events: encrypted, if it has a key.
void Worker::send_event(Client& client, std::string_view text) {
  send_plain(client, client.key ? cipher_.seal(*client.key, text) : text);
}

}  // namespace hearth::load
