#include "load/worker.hpp"

#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "protocol/json.hpp"
#include "websocket/handshake.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace hearth::load {

namespace {

// A server may refuse a join of more at once (docs/protocol.md, Limits).
constexpr std::size_t kRoomsAJoin = 50;

constexpr std::string_view kOfferOfDeflate =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string quoted(std::string_view text) {
  std::string json;
  protocol::append_quoted(json, text);
  return json;
}

// The text of a string member of an object; empty if there is none.
std::string text_of(std::string_view object, std::string_view key) {
  if (!protocol::is_object(object)) return {};
  const auto value = protocol::find_member(object, key);
  if (!value || !protocol::is_string(*value)) return {};
  std::string scratch;
  return std::string(protocol::unescape(*value, scratch));
}

}  // namespace

void Worker::connect_all(std::size_t at_a_time) {
  at_a_time_ = at_a_time;
  for (Client& client : clients_) to_connect_.push_back(&client);
}

void Worker::connect_more() {
  while (connecting_ < at_a_time_ && !to_connect_.empty()) {
    Client& client = *to_connect_.front();
    to_connect_.pop_front();
    connect(client);
  }
}

void Worker::connect(Client& client) {
  const net::Address& address = plan_.addresses.front();
  client.fd = net::FileDescriptor(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  client.began = run_.now();
  client.state = Client::State::connecting;
  ++connecting_;
  if (!client.fd) return lose(client, "no socket: " + std::generic_category().message(errno));
  if (!address.is_unix()) {
    const int yes = 1;
    ::setsockopt(client.fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  }
  const int result = ::connect(client.fd.get(), address.get(), address.length);
  if (result != 0 && errno != EINPROGRESS) {
    return lose(client, "cannot connect to " + address.str() + ": " + std::generic_category().message(errno));
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = &client;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, client.fd.get(), &event);
}

void Worker::socket_ready(Client& client) {
  int failed = 0;
  socklen_t length = sizeof(failed);
  ::getsockopt(client.fd.get(), SOL_SOCKET, SO_ERROR, &failed, &length);
  if (failed != 0) {
    return lose(client,
                "cannot connect to " + plan_.addresses.front().str() + ": " + std::generic_category().message(failed));
  }
  client.state = Client::State::upgrading;
  client.upgrade_key = websocket::random_key();
  client.head.clear();
  client.out = websocket::upgrade_request(plan_.host, plan_.path, client.upgrade_key,
                                          plan_.deflate ? kOfferOfDeflate : std::string_view());
  watch(client, false);
  flush(client);
}

// Returns how many of the bytes belonged to it.
std::size_t Worker::read_head(Client& client, std::string_view received) {
  const std::size_t before = client.head.size();
  client.head.append(received);
  const websocket::ResponseHead answer = websocket::read_response_head(client.head, client.upgrade_key);
  if (!answer.complete) return received.size();
  if (answer.error) {
    const std::string first_line = client.head.substr(0, client.head.find('\r'));
    lose(client, plan_.url + " does not take WebSocket connections: " + first_line);
    return received.size();
  }
  client.is_compressed = answer.deflate.has_value();
  client.reader = websocket::MessageReader();
  client.head = {};
  client.upgrade_key = {};
  authenticate(client);
  return answer.consumed - before;
}

void Worker::authenticate(Client& client) {
  client.state = Client::State::authenticating;
  const std::string name = quoted("bench-" + std::to_string(client.index));
  std::string text = R"({"event":"authenticate","data":{"token":)";
  text += plan_.token.empty() ? name + R"(,"userId":)" + name : quoted(plan_.token);
  if (plan_.encrypt) text.append(R"(,"publicKey":)").append(quoted(public_key_));
  text += "}}";
  send_plain(client, text);
}

void Worker::become_open(Client& client, std::string_view data) {
  client.id = text_of(data, "id");
  if (client.id.empty()) return lose(client, "`connected` came without an id");
  if (plan_.encrypt) {
    agree_on_key(client, data);
    if (client.state == Client::State::closed) return;
  }
  client.state = Client::State::open;
  --connecting_;
  connected_.add();
  connect_times_.record(run_.now() - client.began);
  if (joins_at_once_) join_rooms(client);
}

void Worker::agree_on_key(Client& client, std::string_view data) {
  const auto server_key = crypto::read_public_key(text_of(data, "serverPublicKey"));
  const auto salt = crypto::decode_base64(text_of(data, "salt"));
  if (!server_key || !salt) return lose(client, "`connected` came without a good serverPublicKey and salt");
  auto key = key_pair_->derive(*server_key, *salt, crypto::kDefaultInfo);
  if (!key) return lose(client, "the server's key is no good: " + key.error().message());
  crypto::Iv first_iv;
  crypto::fill_random(first_iv);
  client.key = std::make_unique<crypto::ClientKey>(std::move(*key), first_iv, cipher_);
}

void Worker::join_all() {
  joins_at_once_ = true;
  for (Client& client : clients_) {
    if (client.state == Client::State::open) join_rooms(client);
  }
}

void Worker::join_rooms(Client& client) {
  for (const auto stream : run_.traffic.memberships[client.index]) client.memberships.push_back({stream});
  if (plan_.scenario == Scenario::echo) {
    // A client is in its own room from the beginning.
    client.memberships.push_back({client.index, Membership::Status::member});
    client.memberships.back().sequence.expect_from(0);
  }
  const auto& rooms = run_.traffic.memberships[client.index];
  for (std::size_t i = 0; i < rooms.size(); i += kRoomsAJoin) {
    const auto begin = rooms.begin() + static_cast<std::ptrdiff_t>(i);
    request(client, true, {begin, begin + static_cast<std::ptrdiff_t>(std::min(kRoomsAJoin, rooms.size() - i))});
  }
  check_ready(client);
}

// `join` and `leave` may come plain from encrypted clients too, and Ignis takes them so alone. It answers neither; an
// echo after it then tells that it is done.
void Worker::request(Client& client, bool is_join, std::vector<std::uint32_t> streams) {
  std::string rooms;
  for (const auto stream : streams) {
    if (!rooms.empty()) rooms += ',';
    protocol::append_quoted(rooms, run_.traffic.streams[stream].room);
  }
  std::string text = is_join ? R"({"event":"join","data":{"rooms":[)" : R"({"event":"leave","data":{"rooms":[)";
  text += rooms + "]}";
  if (plan_.send_by == SendBy::publish) text += R"(,"id":"bench")";
  send_plain(client, text + '}');
  if (plan_.send_by == SendBy::application) send_event(client, R"({"event":"echo","data":{"after":"rooms"}})");
  client.requests.push_back({is_join, std::move(streams)});
}

void Worker::request_answered(Client& client) {
  if (client.requests.empty()) return error(client, "an answer came to a request that was not made");
  const RoomRequest request = std::move(client.requests.front());
  client.requests.pop_front();
  for (const auto stream : request.streams) {
    Membership* membership = client.find(stream);
    if (membership == nullptr) continue;
    if (request.is_join) {
      membership->status = Membership::Status::member;
      membership->sequence.expect_from(run_.traffic.streams[stream].sent.load(std::memory_order_acquire));
    } else {
      std::swap(*membership, client.memberships.back());
      client.memberships.pop_back();
    }
  }
  check_ready(client);
}

void Worker::check_ready(Client& client) {
  if (!client.requests.empty() || client.is_ready) return;
  client.is_ready = true;
  if (client.counts_as_ready) return;
  client.counts_as_ready = true;
  ready_.add();
}

}  // namespace hearth::load
