#pragma once

#include "support/redis_server.hpp"

#include <cstdint>
#include <exception>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// A redis-server that is in step with its master.
class Replica : public RedisServer {
 public:
  explicit Replica(const RedisServer& master)
      : RedisServer({"--replicaof", "127.0.0.1 " + std::to_string(master.port())}) {
    eventually("the replica to be in step", [this] {
      return command({"INFO", "replication"}).text().find("master_link_status:up") != std::string_view::npos;
    });
  }
};

/// redis-server with --sentinel, watching one master.
class Sentinel {
 public:
  explicit Sentinel(std::uint16_t master, const std::string& more = {}, int quorum = 2) {
    const std::string path = (directory_.path() / "sentinel.conf").string();
    std::ofstream(path) << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_.path().string() << "\nlogfile "
                        << (directory_.path() / "log").string() << "\nsentinel monitor main 127.0.0.1 " << master << ' '
                        << quorum << "\nsentinel down-after-milliseconds main 500\n"
                        << "sentinel failover-timeout main 3000\nsentinel parallel-syncs main 1\n"
                        << more;
    process_.emplace(std::vector<std::string>{"/usr/bin/redis-server", path, "--sentinel"});
    eventually("the Sentinel to answer", [&] {
      try {
        const auto reply = ask({"PING"});
        return reply.text() == "PONG" || reply.text().starts_with("NOAUTH");
      } catch (const std::exception&) {
        return false;
      }
    });
  }
  std::uint16_t port() const { return port_; }
  redis::RespReply ask(std::initializer_list<std::string_view> arguments) const {
    return ask_redis(port_, {arguments.begin(), arguments.size()});
  }
  std::string url() const {
    return "redis-sentinel://127.0.0.1:" + std::to_string(port_) + "/main?dead_peer_timeout=900";
  }

 private:
  const std::uint16_t port_ = free_port();
  const TemporaryDirectory directory_;
  std::optional<ChildProcess> process_;
};

}  // namespace hearth::test
