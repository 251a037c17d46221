#include "api/connection.hpp"

#include "api/event_stream.hpp"
#include "hearth/version.hpp"
#include "net/address.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using Plain = beast::basic_stream<asio::generic::stream_protocol>;
using Secure = asio::ssl::stream<Plain>;
using Message = http::request<http::string_body>;

constexpr std::uint32_t kMostHead = 16 * 1024;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// Without the port, of which a client has a new one each time.
std::string host_of(const std::string& address) {
  if (address.starts_with("unix")) return "unix";
  return address.substr(0, address.rfind(':'));
}

/// Where the time of either is kept.
Plain& socket_of(Plain& stream) { return stream; }
Plain& socket_of(Secure& stream) { return stream.next_layer(); }

ApiRequest request_of(const Message& message, std::string_view address, bool is_secure) {
  const auto field = [&](http::field name) { return view(message[name]); };
  ApiCaller caller;
  caller.address = address;
  caller.authorization = field(http::field::authorization);
  caller.host = field(http::field::host);
  caller.origin = field(http::field::origin);
  caller.sec_fetch_site = view(message["Sec-Fetch-Site"]);
  caller.cookie = field(http::field::cookie);
  caller.is_secure = is_secure;
  caller.is_marked = message["X-Hearth-Request"] == "1";
  caller.writes = message.method() != http::verb::get && message.method() != http::verb::head;
  caller.is_forwarded =
      message.count(http::field::forwarded) + message.count("X-Forwarded-For") + message.count(http::field::via) > 0;
  const std::string_view target = view(message.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  return {view(message.method_string()),
          target.substr(0, mark),
          target.substr(std::min(mark + 1, target.size())),
          message.body(),
          caller,
          field(http::field::if_none_match)};
}

http::response<http::string_body> response_of(ApiAnswer answer, unsigned version, bool keep_alive, bool with_body) {
  http::response<http::string_body> response(http::int_to_status(answer.status), version);
  response.set(http::field::server, "hearth/" + std::string(kVersion));
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.fields) response.set(name, value);
  response.keep_alive(keep_alive && !answer.events);  // its end is that of a stream
  response.body() = std::move(answer.body);
  if (answer.status != 304 && !answer.events) response.prepare_payload();
  if (!with_body) response.body().clear();  // the length stays: HEAD
  return response;
}

/// What a request gets that cannot be read; nothing if the connection has ended.
std::optional<ApiAnswer> answer_of_error(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    return answer_of({413, "too_long", "the body is longer than api.max_body", {}});
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return answer_of({431, "head_too_long", "the head of the request is longer than 16 KiB", {}});
  }
  const bool is_malformed = error.category() == boost::system::error_code(http::error::bad_method).category() &&
                            error != http::error::end_of_stream && error != http::error::partial_message;
  if (is_malformed) return answer_of({400, "malformed", "this is no HTTP request: " + error.message(), {}});
  return std::nullopt;
}

template <class Stream>
asio::awaitable<bool> write(Stream& stream, http::response<http::string_body> response) {
  boost::system::error_code error;
  http::response_serializer<http::string_body> serializer(response);
  co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  co_return !error && response.keep_alive();
}

/// Reads on for a moment: were a connection closed with bytes unread, its answer might be lost with it.
asio::awaitable<void> linger(Plain& stream) {
  constexpr int kMostReads = 64;
  std::array<char, 65536> bytes;
  boost::system::error_code error;
  stream.socket().shutdown(asio::socket_base::shutdown_send, error);
  stream.expires_after(std::chrono::seconds(1));
  for (int i = 0; i < kMostReads && !error; ++i) {
    co_await stream.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  }
}

/// Ends a stream once its reader has gone, or has sent something, which there is nobody for.
void end_with_reader(Plain& stream, const std::shared_ptr<EventStream>& events) {
  stream.socket().async_wait(asio::socket_base::wait_read,
                             [events](const boost::system::error_code& /*error*/) { events->cut(); });
}

/// Writes a stream until it ends, in place of a body that has a length.
template <class Stream>
asio::awaitable<void> tell(Stream& stream, ApiAnswer answer, unsigned version, ApiLimits limits) {
  const auto events = answer.events;
  auto head = response_of(std::move(answer), version, false, true);
  head.set("X-Accel-Buffering", "no");  // a proxy is not to gather it
  boost::system::error_code error;
  http::response_serializer<http::string_body> serializer(head);
  Plain& socket = socket_of(stream);
  socket.expires_after(limits.patience);
  co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  if (!error) end_with_reader(socket, events);
  while (!error) {
    socket.expires_never();
    const std::string bytes = co_await events->next();
    if (bytes.empty()) break;
    socket.expires_after(limits.patience);
    co_await asio::async_write(stream, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  }
  socket.socket().cancel(error);
}

template <class Stream>
asio::awaitable<void> talk(Stream& stream, const std::string& address, ApiRoutes& routes, ApiLimits limits) {
  constexpr bool kIsSecure = std::is_same_v<Stream, Secure>;
  beast::flat_buffer buffer(kMostHead + limits.max_body);
  Plain& socket = socket_of(stream);
  for (bool goes_on = true; goes_on;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kMostHead);
    parser.body_limit(limits.max_body);
    boost::system::error_code error;
    socket.expires_after(limits.patience);
    co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      auto answer = answer_of_error(error);
      if (!answer) co_return;
      co_await write(stream, response_of(*std::move(answer), 11, false, true));
      co_return co_await linger(socket);
    }
    const Message message = parser.release();
    socket.expires_never();
    ApiAnswer answer = co_await routes.answer(request_of(message, address, kIsSecure));
    const bool is_head = message.method() == http::verb::head;
    if (answer.events && !is_head) co_return co_await tell(stream, std::move(answer), message.version(), limits);
    socket.expires_after(limits.patience);
    goes_on = co_await write(stream, response_of(std::move(answer), message.version(), message.keep_alive(), !is_head));
  }
}

bool is_plain_http(const boost::system::error_code& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

/// The same under TLS, whose end is said (close_notify).
asio::awaitable<void> talk_secretly(Secure& stream, const std::string& address, ApiRoutes& routes, ApiLimits limits) {
  constexpr std::chrono::seconds kForTheEnd{1};
  boost::system::error_code error;
  stream.next_layer().expires_after(limits.patience);
  co_await stream.async_handshake(Secure::server, asio::redirect_error(asio::use_awaitable, error));
  if (is_plain_http(error)) {
    ApiAnswer answer = answer_of({400, "tls", "This port speaks TLS", {}});
    auto response = response_of(std::move(answer), 11, false, true);
    co_await write(stream.next_layer(), std::move(response));
    co_return co_await linger(stream.next_layer());
  }
  if (error) co_return;
  co_await talk(stream, address, routes, limits);
  stream.next_layer().expires_after(kForTheEnd);
  co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace

asio::awaitable<void> converse(asio::generic::stream_protocol::socket socket, std::optional<TlsContext> tls,
                               ApiRoutes& routes, ApiLimits limits) {
  try {
    const std::string address = host_of(net::peer_address(socket.native_handle()));
    Plain stream(std::move(socket));
    if (tls) {
      Secure secure(std::move(stream), tls->make());
      co_return co_await talk_secretly(secure, address, routes, limits);
    }
    co_await talk(stream, address, routes, limits);
    boost::system::error_code ignored;
    stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  } catch (const std::exception&) {
    // There is no memory for it, or the peer has gone: the connection is closed.
  }
}

}  // namespace hearth::app
