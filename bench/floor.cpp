// The least that a server can do: one thread, one epoll, and the system calls that an echo or a message to everybody
// needs, with no protocol around them. After the upgrade it goes by how a message begins, sends back the bytes that
// came, and knows one room, of all who joined any. What it costs is what no server of this kind can go below.

#include "net/file_descriptor.hpp"
#include "net/listener.hpp"
#include "websocket/frame.hpp"
#include "websocket/frame_header.hpp"
#include "websocket/handshake.hpp"
#include "websocket/mask.hpp"

#include <CLI/CLI.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace websocket = hearth::websocket;
using hearth::net::FileDescriptor;

constexpr std::string_view kConnected =
    R"({"event":"connected","data":{"id":"00000000-0000-4000-8000-000000000000","time":"1970-01-01T00:00:00.000Z"}})";

struct Connection {
  FileDescriptor fd;
  bool upgraded = false;
  bool member = false;
  std::string unread;  ///< the beginning of a frame whose rest has not come
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

bool is_event(std::string_view message, std::string_view event) {
  constexpr std::string_view kStart = R"({"event":")";
  return message.starts_with(kStart) && message.substr(kStart.size()).starts_with(event) &&
         message.substr(kStart.size() + event.size()).starts_with('"');
}

/// The `id` at the end of a request, with its quotes; empty if there is none.
std::string_view id_of(std::string_view message) {
  constexpr std::string_view kKey = R"("id":)";
  const std::size_t at = message.rfind(kKey);
  if (at == std::string_view::npos) return {};
  return message.substr(at + kKey.size(), message.size() - at - kKey.size() - 1);
}

class Floor {
 public:
  explicit Floor(std::uint16_t port)
      : listeners_(std::array{"127.0.0.1:" + std::to_string(port)}, 1),
        listener_(listen(listeners_)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        buffer_(std::size_t{128} * 1024) {
    if (!epoll_) fail("epoll_create1");
    add(listener_.get(), nullptr);
  }

  std::string address() const { return listeners_.addresses().front().str(); }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events{};
    for (;;) {
      const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      if (ready < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < ready; ++i) {
        auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (connection == nullptr) {
          accept_one();
        } else if (!read(*connection)) {
          drop(*connection);
        }
      }
      closed_.clear();
    }
  }

 private:
  void add(int fd, Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }

  void accept_one() {
    FileDescriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>();
    connection->fd = std::move(fd);
    add(connection->fd.get(), connection.get());
    connections_.push_back(std::move(connection));
  }

  /// Events of the same turn may still point to it, so that it goes at the end of the turn.
  void drop(Connection& connection) {
    std::erase(members_, &connection);
    for (auto& one : connections_) {
      if (one.get() != &connection) continue;
      std::swap(one, connections_.back());
      connection.fd.reset();
      closed_.push_back(std::move(connections_.back()));
      connections_.pop_back();
      return;
    }
  }

  /// Says whether the connection goes on.
  bool read(Connection& connection) {
    if (!connection.fd) return true;
    const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    std::span<char> input(buffer_.data(), static_cast<std::size_t>(got));
    std::string joined;
    if (!connection.unread.empty()) {
      joined = std::exchange(connection.unread, {}).append(input.data(), input.size());
      input = joined;
    }
    if (!connection.upgraded && !upgrade(connection, input)) return false;
    if (connection.upgraded && !read_frames(connection, input)) return false;
    connection.unread.assign(input.begin(), input.end());
    answer(connection);
    return true;
  }

  bool upgrade(Connection& connection, std::span<char>& input) {
    const auto head = websocket::read_request_head({input.data(), input.size()}, 0, "/ws", {});
    if (head.outcome == websocket::RequestHead::Outcome::need_more) return true;
    if (head.outcome != websocket::RequestHead::Outcome::upgrade) return false;
    connection.upgraded = true;
    own_ += head.response;
    input = input.subspan(head.consumed);
    return true;
  }

  bool read_frames(Connection& connection, std::span<char>& input) {
    while (!input.empty()) {
      const auto result = websocket::read_header(input, websocket::Role::server, false);
      if (result.failed() || result.header.opcode == websocket::Opcode::close) return false;
      if (result.header.length > buffer_.size()) return false;
      const std::size_t length = result.size + result.header.length;
      if (result.size == 0 || input.size() < length) return true;
      const std::span<char> payload = input.subspan(result.size, result.header.length);
      websocket::apply_mask(payload, result.header.key);
      if (result.header.opcode == websocket::Opcode::text) handle(connection, {payload.data(), payload.size()});
      input = input.subspan(length);
    }
    return true;
  }

  void handle(Connection& connection, std::string_view message) {
    if (is_event(message, "echo")) {
      websocket::append_frame(own_, websocket::Opcode::text, message);
    } else if (is_event(message, "room")) {
      websocket::append_frame(everybodys_, websocket::Opcode::text, message);
    } else if (is_event(message, "authenticate")) {
      websocket::append_frame(own_, websocket::Opcode::text, kConnected);
    } else if (is_event(message, "join")) {
      if (!connection.member) members_.push_back(&connection);
      connection.member = true;
      const std::string_view id = id_of(message);
      if (id.empty()) return;
      std::string ack(R"({"event":"ack","data":{"rooms":[]},"id":)");
      websocket::append_frame(own_, websocket::Opcode::text, ack.append(id).append("}"));
    }
  }

  /// What one read has led to, in one write for each receiver.
  void answer(Connection& sender) {
    if (!own_.empty()) write(sender, own_);
    own_.clear();
    if (everybodys_.empty()) return;
    for (Connection* member : members_) write(*member, everybodys_);
    everybodys_.clear();
  }

  static FileDescriptor listen(hearth::net::ListenerSet& listeners) {
    listeners.listen();
    return std::move(listeners.take(0).front().fd);
  }

  /// There is no backlog: who does not take all at once is cut off, and whoever counts sees that messages are missing.
  static void write(Connection& connection, std::string_view bytes) {
    if (::send(connection.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      ::shutdown(connection.fd.get(), SHUT_RDWR);
    }
  }

  hearth::net::ListenerSet listeners_;
  FileDescriptor listener_;
  FileDescriptor epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> closed_;
  std::vector<Connection*> members_;
  std::vector<char> buffer_;
  std::string own_;         ///< frames for the connection that is being read
  std::string everybodys_;  ///< frames for all members
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The system calls of an echo and of a message to everybody, and nothing else");
  std::uint16_t port = 0;
  app.add_option("--port", port, "Port on 127.0.0.1; 0 takes a free one")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    Floor floor(port);
    std::cout << "listening on " << floor.address() << std::endl;
    floor.run();
  } catch (const std::exception& error) {
    std::cerr << "floor: " << error.what() << '\n';
    return 1;
  }
}
