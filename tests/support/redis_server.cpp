#include "support/redis_server.hpp"

#include "support/patience.hpp"
#include "support/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hearth::test {

namespace {

constexpr std::uint16_t kBusOffset = 10'000;  // from a Cluster node's port to the one that nodes talk on

bool is_free(std::uint16_t port) {
  const net::FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  if (errno == EADDRINUSE) return false;
  throw std::system_error(errno, std::generic_category(), "a free port");
}

}  // namespace

// Both ports lie below those that the kernel gives to outgoing connections, of which there may be very many.
std::uint16_t free_port() {
  std::random_device random;
  std::uniform_int_distribution<std::uint16_t> any(12'000, 22'000);
  for (;;) {
    const std::uint16_t port = any(random);
    if (is_free(port) && is_free(port + kBusOffset)) return port;
  }
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "hearth-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

redis::RespReply ask_redis(std::uint16_t port, std::span<const std::string_view> arguments) {
  const net::FileDescriptor fd = connect_to("127.0.0.1:" + std::to_string(port));
  if (!write_all(fd.get(), redis::RespCommand(arguments).bytes())) throw std::runtime_error("Redis hung up");
  redis::RespReader reader;
  std::optional<redis::RespReply> reply;
  const Deadline deadline;
  while (!reply) {
    std::string bytes;
    if (!read_some(fd.get(), bytes, deadline)) throw std::runtime_error("Redis hung up");
    reader.read(bytes, [&](const redis::RespReply& one) { reply = one; });
  }
  return std::move(*reply);
}

RedisServer::RedisServer(std::vector<std::string> arguments, std::uint16_t port)
    : arguments_(std::move(arguments)), port_(port) {
  start();
}

void RedisServer::start() {
  std::vector<std::string> command{"/usr/bin/redis-server",
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--repl-diskless-sync-delay",  // a replica is in step at once, not after 5 s
                                   "0",
                                   "--dir",
                                   directory_.path().string(),
                                   "--logfile",
                                   (directory_.path() / "log").string()};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<ChildProcess>(command);
  eventually("redis-server to answer", [this] { return answers(); });
}

bool RedisServer::answers() const {
  try {
    const auto reply = command({"PING"});
    return reply.text() == "PONG" || reply.text().starts_with("NOAUTH");
  } catch (const std::exception&) {
    return false;
  }
}

void RedisServer::kill() { process_.reset(); }
void RedisServer::restart() { start(); }
void RedisServer::pause() { ::kill(process_->pid(), SIGSTOP); }
void RedisServer::resume() { ::kill(process_->pid(), SIGCONT); }

redis::RespReply RedisServer::command(std::span<const std::string_view> arguments) const {
  return ask_redis(port_, arguments);
}

std::size_t RedisServer::clients_named(std::string_view beginning) const {
  // A server that a Sentinel gives another role hangs up on whoever asks just then.
  std::string list;
  eventually("a list of clients", [&] {
    try {
      list = command({"CLIENT", "LIST"}).text();
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  const std::string wanted = "name=" + std::string(beginning);
  std::size_t count = 0;
  for (std::size_t at = list.find(wanted); at != std::string::npos; at = list.find(wanted, at + 1)) ++count;
  return count;
}

}  // namespace hearth::test
