// Encrypted clients in one room of a server that runs already (`bench_app --encrypt`, or another that speaks the
// protocol): what a handshake and a delivered message cost the server in CPU time.

#include "hearth/crypto.hpp"
#include "net/file_descriptor.hpp"
#include "websocket/frame.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace crypto = hearth::crypto;
namespace json = boost::json;

struct Arguments {
  std::uint16_t port = 0;
  pid_t pid = 0;
  std::size_t clients = 1000;
  std::size_t bytes = 64;
  std::size_t in_flight = 1;
  std::size_t messages = 1000;
  bool plain_requests = false;
};

/// Seconds of CPU time that a process has used.
double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) throw std::runtime_error("there is no process " + std::to_string(pid));
  unsigned long user = 0;
  unsigned long system = 0;
  std::sscanf(text.c_str() + name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// A connection that only counts what comes, once it is in the room.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no connection to port " + std::to_string(port));
    }
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    write(
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    while (input_.find("\r\n\r\n") == std::string::npos) read();
    input_.erase(0, input_.find("\r\n\r\n") + 4);
  }

  void send(std::string_view text) {
    std::string frame;
    hearth::websocket::append_masked_frame(frame, hearth::websocket::Opcode::text, text, {1, 2, 3, 4});
    write(frame);
  }
  void write(std::string_view bytes) {
    if (::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("the server does not read");
    }
  }

  /// The next message as it came.
  std::string next() {
    for (;;) {
      std::size_t end = 0;
      if (const auto payload = frame_at(0, end)) {
        std::string text(*payload);
        input_.erase(0, end);
        return text;
      }
      read();
    }
  }

  /// How many messages are there, which are dropped.
  std::size_t count() {
    read();
    std::size_t frames = 0;
    std::size_t at = 0;
    for (std::size_t end = 0; frame_at(at, end); at = end) ++frames;
    input_.erase(0, at);
    return frames;
  }

  void authenticate(const std::string& public_key) {
    send(R"({"event":"authenticate","data":{"token":"bench","publicKey":")" + public_key + R"("}})");
  }
  void finish_handshake(crypto::EcdhSession& keys) {
    const json::value connected = json::parse(next());
    const json::value& data = connected.at("data");
    if (!data.as_object().contains("serverPublicKey")) throw std::runtime_error("the server does not encrypt");
    const auto error = keys.derive(data.at("serverPublicKey").as_string(), data.at("salt").as_string());
    if (error) throw std::system_error(error);
  }
  int fd() const { return fd_.get(); }

 private:
  void read() {
    const std::size_t old = input_.size();
    input_.resize(old + 65536);
    const ssize_t got = ::recv(fd_.get(), input_.data() + old, 65536, 0);
    if (got <= 0) throw std::runtime_error("the server hung up");
    input_.resize(old + static_cast<std::size_t>(got));
  }

  std::optional<std::string_view> frame_at(std::size_t at, std::size_t& end) const {
    const std::string_view bytes = std::string_view(input_).substr(at);
    if (bytes.size() < 2) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    std::size_t header = 2;
    std::size_t length = byte(1);
    if (length >= 126) {
      header = length == 126 ? 4 : 10;
      if (bytes.size() < header) return std::nullopt;
      length = 0;
      for (std::size_t i = 2; i < header; ++i) length = length << 8 | byte(i);
    }
    if (bytes.size() < header + length) return std::nullopt;
    end = at + header + length;
    return bytes.substr(header, length);
  }

  hearth::net::FileDescriptor fd_;
  std::string input_;
};

std::string encrypted(crypto::EcdhSession& keys, std::string_view text) {
  const auto payload = keys.encrypt(text).value();
  return R"({"event":"encrypted","data":{"iv":")" + payload.iv + R"(","ct":")" + payload.ct + R"("}})";
}

/// Reads until all clients together have got so many messages.
void await_messages(std::vector<Client>& clients, std::vector<pollfd>& polled, std::size_t messages) {
  while (messages > 0) {
    if (::poll(polled.data(), polled.size(), 10'000) <= 0) throw std::runtime_error("messages are missing");
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0) messages -= std::min(messages, clients[i].count());
    }
  }
}

int run(const Arguments& arguments) {
  auto keys = crypto::EcdhSession::generate();
  const std::string public_key = keys.public_key();
  std::vector<Client> clients;
  for (std::size_t i = 0; i < arguments.clients; ++i) clients.emplace_back(arguments.port);

  using Clock = std::chrono::steady_clock;
  double cpu = cpu_seconds(arguments.pid);
  auto start = Clock::now();
  for (Client& client : clients) client.authenticate(public_key);
  std::vector<pollfd> polled;
  for (Client& client : clients) {
    pollfd one{client.fd(), POLLIN, 0};
    if (::poll(&one, 1, 10'000) != 1) throw std::runtime_error("a handshake is missing");
    polled.push_back(one);
  }
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  const auto count = static_cast<double>(clients.size());
  std::printf("handshakes: %.0f a second, %.1f us of CPU each\n", count / wall,
              (cpu_seconds(arguments.pid) - cpu) / count * 1e6);

  for (Client& client : clients) {
    client.finish_handshake(keys);
    client.send(R"({"event":"join","data":{"rooms":["bench"]}})");
  }
  // The sender's key is the last one derived.
  Client& sender = clients.back();
  const std::string data = R"({"room":"bench","text":")" + std::string(arguments.bytes, 'x') + R"("})";
  const std::string request = R"({"event":"room","data":)" + data + '}';
  const auto send_requests = [&](std::size_t times) {
    std::string frames;
    for (std::size_t i = 0; i < times; ++i) {
      const std::string text = arguments.plain_requests ? request : encrypted(keys, request);
      hearth::websocket::append_masked_frame(frames, hearth::websocket::Opcode::text, text, {1, 2, 3, 4});
    }
    sender.write(frames);
  };
  // The joins are done when a message gets to everybody.
  ::usleep(500'000);
  send_requests(1);
  await_messages(clients, polled, clients.size());

  cpu = cpu_seconds(arguments.pid);
  start = Clock::now();
  std::size_t sent = 0;
  for (; sent < arguments.messages; sent += arguments.in_flight) {
    send_requests(arguments.in_flight);
    await_messages(clients, polled, clients.size() * arguments.in_flight);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double delivered = static_cast<double>(sent) * count;
  std::printf("%zu bytes, %zu in flight: %.3f us of CPU a delivered message, %.0f a second\n", arguments.bytes,
              arguments.in_flight, (cpu_seconds(arguments.pid) - cpu) / delivered * 1e6, delivered / seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what encrypted clients cost a server");
  Arguments arguments;
  app.add_option("--port", arguments.port, "Where the server listens, on 127.0.0.1")->required();
  app.add_option("--pid", arguments.pid, "The server's process, whose CPU time is taken")->required();
  app.add_option("--clients", arguments.clients, "Encrypted clients in the room")->capture_default_str();
  app.add_option("--bytes", arguments.bytes, "Length of the text in a message")->capture_default_str();
  app.add_option("--in-flight", arguments.in_flight, "Messages to the room at a time")->capture_default_str();
  app.add_option("--messages", arguments.messages, "Messages to the room in all")->capture_default_str();
  app.add_flag("--plain-requests", arguments.plain_requests, "The server opens no messages; send it plain ones");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "bench_encrypted: " << error.what() << '\n';
    return 1;
  }
}
