#include "redis/connection.hpp"

#include "log/quoted.hpp"
#include "tls/client_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <utility>

namespace hearth::redis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadBuffer = std::size_t{64} * 1024;

}  // namespace

std::shared_ptr<Tls> make_tls(const RedisTls& options) {
  if (!options.enabled) return nullptr;
  return std::make_shared<Tls>(
      Tls{tls::make_client_context({options.ca_file, options.certificate_file, options.key_file},
                                   "hearth: Redis options: tls."),
          options.server_name});
}

Connection::Connection(asio::any_io_executor executor, Tls* tls)
    : executor_(std::move(executor)),
      tls_(tls),
      lookup_(executor_),
      stream_(std::in_place_type<Socket>, executor_),
      deadline_(executor_) {
  if (tls != nullptr) stream_.emplace<TlsStream>(executor_, tls->context);
}

Connection::Socket& Connection::socket() {
  if (auto* tls = std::get_if<TlsStream>(&stream_)) return tls->next_layer();
  return std::get<Socket>(stream_);
}

Awaitable<void> Connection::connect(const RedisEndpoint& endpoint) {
  if (!endpoint.unix_path.empty()) {
    const asio::local::stream_protocol::endpoint path(endpoint.unix_path);
    co_await socket().async_connect(asio::generic::stream_protocol::endpoint(path), asio::use_awaitable);
  } else {
    co_await connect_tcp(endpoint);
  }
  if (auto* stream = std::get_if<TlsStream>(&stream_)) co_await shake_hands(*stream, endpoint.host);
}

Awaitable<void> Connection::shake_hands(TlsStream& stream, std::string host) {
  const std::string& name = tls_->server_name.empty() ? host : tls_->server_name;
  boost::system::error_code no_address;
  asio::ip::make_address(name, no_address);
  if (no_address) SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());  // names alone: RFC 6066, section 3
  stream.set_verify_callback(asio::ssl::host_name_verification(name));
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
}

Awaitable<void> Connection::connect_tcp(const RedisEndpoint& endpoint) {
  const HostLookup::Addresses found = co_await lookup_.find(endpoint.host);
  boost::system::error_code error = asio::error::host_not_found;
  for (const asio::ip::address& candidate : found) {
    if (closed_) throw Error("closed");
    boost::system::error_code ignored;
    socket().close(ignored);
    const asio::generic::stream_protocol::endpoint address(asio::ip::tcp::endpoint(candidate, endpoint.port));
    co_await socket().async_connect(address, asio::redirect_error(asio::use_awaitable, error));
    if (!error) break;
  }
  if (error) throw boost::system::system_error(error);
  socket().set_option(asio::ip::tcp::no_delay(true));
}

Awaitable<void> Connection::greet(std::string user, std::string password, unsigned database, std::string client_name) {
  if (!password.empty()) {
    RespCommand auth = user.empty() ? RespCommand::of({"AUTH", password}) : RespCommand::of({"AUTH", user, password});
    co_await demand("AUTH", std::move(auth));
  }
  // Some refuse a client with their first answer: too many clients, loading, a password is needed.
  RespCommand ping = RespCommand::of({"PING"});
  const RespReply pong = co_await command(std::move(ping));
  if (pong.is_error() && !pong.text().starts_with("NOPERM")) throw Error("Redis says " + log::quoted(pong.text()));
  if (database != 0) {
    RespCommand select = RespCommand::of({"SELECT", std::to_string(database)});
    co_await demand("SELECT", std::move(select));
  }
  // Only for whoever looks at CLIENT LIST: a user who may not do it does without.
  if (!client_name.empty()) {
    RespCommand name = RespCommand::of({"CLIENT", "SETNAME", client_name});
    co_await command(std::move(name));
  }
}

Awaitable<RespReply> Connection::command(RespCommand command) {
  co_await write(command.bytes());
  std::optional<RespReply> reply;
  while (!reply) {
    const std::string_view bytes = co_await read();
    reader_.read(bytes, [&](const RespReply& one) { reply = one; });
  }
  co_return std::move(*reply);
}

Awaitable<RespReply> Connection::demand(std::string what, RespCommand command_text) {
  RespReply reply = co_await command(std::move(command_text));
  if (reply.is_error()) throw Error(what + " was refused: " + log::quoted(reply.text()));
  co_return reply;
}

Awaitable<void> Connection::write(std::string_view bytes) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  if (auto* tls = std::get_if<TlsStream>(&stream_)) {
    co_await asio::async_write(*tls, buffer, asio::use_awaitable);
  } else {
    co_await asio::async_write(std::get<Socket>(stream_), buffer, asio::use_awaitable);
  }
}

Awaitable<std::string_view> Connection::read() {
  if (buffer_.empty()) buffer_.resize(kReadBuffer);
  const auto buffer = asio::buffer(buffer_);
  std::size_t size = 0;
  if (auto* tls = std::get_if<TlsStream>(&stream_)) {
    size = co_await tls->async_read_some(buffer, asio::use_awaitable);
  } else {
    size = co_await std::get<Socket>(stream_).async_read_some(buffer, asio::use_awaitable);
  }
  co_return std::string_view(buffer_.data(), size);
}

void Connection::close() {
  closed_ = true;
  deadline_.cancel();
  lookup_.cancel();
  boost::system::error_code ignored;
  socket().close(ignored);
}

void Connection::arm(std::chrono::milliseconds timeout) {
  deadline_.expires_after(timeout);
  deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->timed_out_ = true;
    self->close();
  });
}

void Connection::disarm() { deadline_.cancel(); }

}  // namespace hearth::redis
