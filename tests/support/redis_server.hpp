#pragma once

#include "redis/resp.hpp"
#include "support/child_process.hpp"

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// A port of 127.0.0.1 that was free a moment ago, and so was the one 10000 above, which a Cluster's node takes too.
std::uint16_t free_port();

/// A directory that is gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A redis-server of a test's own, on a port of its own, that keeps nothing.
class RedisServer {
 public:
  /// Starts it, with more arguments as on its command line, and returns when it answers.
  explicit RedisServer(std::vector<std::string> arguments = {}, std::uint16_t port = free_port());
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  const std::filesystem::path& directory() const { return directory_.path(); }

  void kill();     ///< at once
  void restart();  ///< on the same port, after `kill`
  void pause();    ///< SIGSTOP
  void resume();   ///< SIGCONT

  /// Sends a command over a connection of its own, and gives the reply.
  redis::RespReply command(std::initializer_list<std::string_view> arguments) const {
    return command(std::span(arguments.begin(), arguments.size()));
  }
  redis::RespReply command(std::span<const std::string_view> arguments) const;
  /// How many connections there are with a name that begins so.
  std::size_t clients_named(std::string_view beginning) const;

 private:
  void start();
  bool answers() const;

  const std::vector<std::string> arguments_;
  const std::uint16_t port_;
  const TemporaryDirectory directory_;
  std::unique_ptr<ChildProcess> process_;
};

/// Sends a command to a Redis server on this machine, and gives the reply.
redis::RespReply ask_redis(std::uint16_t port, std::span<const std::string_view> arguments);

}  // namespace hearth::test
