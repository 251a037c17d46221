#pragma once

#include "hearth/redis_options.hpp"
#include "redis/host_lookup.hpp"
#include "redis/resp.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth::redis {

template <class Result>
using Awaitable = boost::asio::awaitable<Result>;

/// The TLS settings of the options, read once.
struct Tls {
  boost::asio::ssl::context context;
  std::string server_name;  ///< what every server's certificate must be for; empty: the host that is connected to
};

/// Null without TLS. Throws std::invalid_argument if a file is bad.
std::shared_ptr<Tls> make_tls(const RedisTls& options);

/// One connection to one Redis server, Sentinel or Cluster node: TCP, Unix socket or TLS. For one thread. What goes
/// wrong is thrown as Error or boost::system::system_error; the connection is then of no more use.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::any_io_executor executor, Tls* tls);

  Awaitable<void> connect(const RedisEndpoint& endpoint);
  /// AUTH, SELECT and CLIENT SETNAME as far as they are asked for, and a look at whether the server is at work.
  Awaitable<void> greet(std::string user, std::string password, unsigned database, std::string client_name);
  /// Sends a command and reads its reply; for as long as nothing else is read or written.
  Awaitable<RespReply> command(RespCommand command);
  /// As above; an error reply is thrown, with the name of what was asked for.
  Awaitable<RespReply> demand(std::string what, RespCommand command);

  Awaitable<void> write(std::string_view bytes);
  /// Reads what has come, at least one byte. Good until the next call.
  Awaitable<std::string_view> read();
  RespReader& reader() noexcept { return reader_; }

  /// Ends what waits with an error. Any number of times.
  void close();

  /// Closes the connection unless it is disarmed before.
  void arm(std::chrono::milliseconds timeout);
  void disarm();
  bool timed_out() const noexcept { return timed_out_; }

 private:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using TlsStream = boost::asio::ssl::stream<Socket>;

  Socket& socket();
  Awaitable<void> connect_tcp(const RedisEndpoint& endpoint);
  Awaitable<void> shake_hands(TlsStream& stream, std::string host);

  boost::asio::any_io_executor executor_;
  Tls* tls_;
  HostLookup lookup_;
  std::variant<Socket, TlsStream> stream_;
  boost::asio::steady_timer deadline_;
  RespReader reader_;
  std::vector<char> buffer_;
  bool timed_out_ = false;
  bool closed_ = false;
};

}  // namespace hearth::redis
