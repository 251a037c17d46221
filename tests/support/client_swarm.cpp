#include "support/client_swarm.hpp"

#include "support/client_frames.hpp"
#include "support/socket.hpp"
#include "support/test_client.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace hearth::test {

namespace {

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
constexpr std::string_view kConnected = R"({"event":"connected","data":{"id":")";
constexpr std::size_t kIdLength = 36;
// More at once would fill the queue of the listening socket.
constexpr std::size_t kConnectingAtOnce = 256;

}  // namespace

ClientSwarm::ClientSwarm(std::string address, OnMessage on_message)
    : address_(std::move(address)),
      on_message_(std::move(on_message)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(std::size_t{256} * 1024) {}

std::size_t ClientSwarm::add(std::string_view data) {
  const std::size_t number = clients_.size();
  Client& client = clients_.emplace_back();
  client.fd = connect_to(address_);
  watch(number, EPOLL_CTL_ADD);
  write(client, number, std::string(kUpgrade) + masked_frame(kText, envelope("authenticate", data)));
  return number;
}

void ClientSwarm::send(std::size_t client, std::string_view text) {
  write(clients_[client], client, masked_frame(kText, text));
}

void ClientSwarm::set_reading(std::size_t client, bool reading) {
  clients_[client].reading = reading;
  watch(client, EPOLL_CTL_MOD);
}

void ClientSwarm::drop(std::size_t client) { clients_[client].fd.reset(); }

void ClientSwarm::run_until(std::string_view what, const std::function<bool()>& condition) {
  const Deadline deadline;
  while (!condition()) {
    if (deadline.passed()) throw std::runtime_error("the swarm waited in vain for: " + std::string(what));
    turn(1);
  }
}

void ClientSwarm::grow_to(std::size_t count, const std::function<std::string(std::size_t)>& data) {
  clients_.reserve(count);
  while (clients_.size() < count) {
    add(data(clients_.size()));
    run_until("clients to be connected", [&] { return clients_.size() - authenticated_ < kConnectingAtOnce; });
  }
  run_until("all clients to be connected", [&] { return authenticated_ == clients_.size(); });
}

void ClientSwarm::turn(int milliseconds) {
  std::array<epoll_event, 256> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const std::size_t number = event.data.u64;
    Client& client = clients_[number];
    if (client.fd && (event.events & EPOLLOUT) != 0) write(client, number, {});
    if (client.fd && client.reading && (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read(number);
  }
}

void ClientSwarm::watch(std::size_t client, int operation) {
  epoll_event event{};
  event.data.u64 = client;
  if (clients_[client].reading) event.events |= EPOLLIN;
  if (!clients_[client].output.empty()) event.events |= EPOLLOUT;
  ::epoll_ctl(epoll_.get(), operation, clients_[client].fd.get(), &event);
}

void ClientSwarm::write(Client& client, std::size_t number, std::string_view bytes) {
  const bool waited = !client.output.empty();
  client.output += bytes;
  std::string_view left = client.output;
  while (!left.empty()) {
    const ssize_t sent = ::send(client.fd.get(), left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) throw std::runtime_error("client " + std::to_string(number) + " lost its connection");
      break;
    }
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  client.output.erase(0, client.output.size() - left.size());
  if (waited != !client.output.empty()) watch(number, EPOLL_CTL_MOD);
}

void ClientSwarm::read(std::size_t number) {
  Client& client = clients_[number];
  const ssize_t got = ::recv(client.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) throw std::runtime_error("the connection of client " + std::to_string(number) + " ended");
  std::string_view input(buffer_.data(), static_cast<std::size_t>(got));
  std::string joined;
  if (!client.input.empty()) {
    joined = std::exchange(client.input, {});
    input = joined.append(input);
  }
  if (!client.upgraded) input = take_upgrade(client, input);
  if (client.upgraded) input = take_frames(number, input);
  client.input = input;
}

std::string_view ClientSwarm::take_upgrade(Client& client, std::string_view input) const {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const auto end = input.find(kEnd);
  if (end == std::string_view::npos) return input;
  if (!input.starts_with("HTTP/1.1 101 ")) throw std::runtime_error("refused: " + std::string(input));
  client.upgraded = true;
  return input.substr(end + kEnd.size());
}

std::string_view ClientSwarm::take_frames(std::size_t number, std::string_view input) {
  while (const auto frame = read_server_frame(input)) {
    input.remove_prefix(frame->size);
    if (frame->opcode == kText) {
      take_message(number, frame->payload);
    } else if (frame->opcode == kPing) {
      write(clients_[number], number, masked_frame(kPong, frame->payload));
    } else {
      throw std::runtime_error("client " + std::to_string(number) + " was closed: " + std::string(frame->payload));
    }
  }
  return input;
}

void ClientSwarm::take_message(std::size_t number, std::string_view text) {
  Client& client = clients_[number];
  if (!client.id.empty()) return on_message_(number, text);
  if (!text.starts_with(kConnected)) throw std::runtime_error("not `connected`: " + std::string(text));
  client.id = text.substr(kConnected.size(), kIdLength);
  ++authenticated_;
}

}  // namespace hearth::test
