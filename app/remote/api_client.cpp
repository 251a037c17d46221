#include "remote/api_client.hpp"

#include "hearth/version.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>

#include <future>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using SecureStream = asio::ssl::stream<Stream>;

http::request<http::string_body> request_of(const ApiPlace& place, const std::optional<std::string>& key,
                                            std::string_view method, std::string_view path, std::string_view body) {
  http::request<http::string_body> request;
  request.method_string(std::string(method));
  request.target(std::string(path));
  request.version(11);
  request.set(http::field::host, place.host_field());
  request.set(http::field::user_agent, "hearth/" + std::string(kVersion));
  if (key) request.set(http::field::authorization, "Bearer " + *key);
  request.keep_alive(false);
  request.body() = body;
  request.prepare_payload();
  return request;
}

asio::awaitable<std::vector<Stream::endpoint_type>> endpoints_of(const ApiPlace& place) {
  std::vector<Stream::endpoint_type> endpoints;
  if (!place.socket.empty()) {
    endpoints.emplace_back(asio::local::stream_protocol::endpoint(place.socket));
    co_return endpoints;
  }
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  for (const auto& found :
       co_await resolver.async_resolve(place.host, std::to_string(place.port), asio::use_awaitable)) {
    endpoints.emplace_back(found.endpoint());
  }
  co_return endpoints;
}

asio::awaitable<Stream> connected(const ApiPlace& place) {
  Stream stream(co_await asio::this_coro::executor);
  boost::system::error_code error = asio::error::host_not_found;
  for (const auto& endpoint : co_await endpoints_of(place)) {
    stream.expires_after(ApiClient::kConnectPatience);
    try {
      co_await stream.async_connect(endpoint, asio::use_awaitable);
      co_return std::move(stream);
    } catch (const boost::system::system_error& failure) {
      error = failure.code();
    }
  }
  throw boost::system::system_error(error);
}

template <class AnyStream>
asio::awaitable<ApiReply> answer_over(AnyStream& stream, const http::request<http::string_body>& request) {
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(ApiClient::kMostAnswer);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  auto response = parser.release();
  co_return ApiReply{response.result_int(), std::move(response.body())};
}

asio::awaitable<ApiReply> answer_over_tls(SecureStream& stream, const ApiPlace& place,
                                          const http::request<http::string_body>& request) {
  expect_host(stream.native_handle(), place);
  boost::system::error_code error;
  co_await stream.async_handshake(SecureStream::client, asio::redirect_error(asio::use_awaitable, error));
  const std::string why = error ? distrust(stream.native_handle()) : std::string();
  if (!why.empty()) {
    throw std::runtime_error("the API on " + place.str() + " shows a certificate that is not good: " + why +
                             "; --api-ca or HEARTH_API_CA names whose are");
  }
  if (error) throw boost::system::system_error(error);
  co_return co_await answer_over(stream, request);
}

asio::awaitable<ApiReply> ask_once(const ApiPlace& place, const ApiTrust& trust,
                                   http::request<http::string_body> request) {
  Stream stream = co_await connected(place);
  stream.expires_after(ApiClient::kPatience);
  if (!place.is_secure) co_return co_await answer_over(stream, request);
  asio::ssl::context context = context_of(trust);
  SecureStream secure(std::move(stream), context);
  co_return co_await answer_over_tls(secure, place, request);
}

std::string reason_of(const boost::system::error_code& error) {
  if (error == beast::error::timeout) return "it took too long";
  if (error == http::error::end_of_stream) return "the connection was closed without an answer";
  if (error.category() == asio::error::get_ssl_category()) return "TLS failed: " + error.message();
  return error.message();
}

}  // namespace

ApiReply ApiClient::ask(std::string_view method, std::string_view path, std::string_view body) const {
  asio::io_context io(1);
  auto answer =
      asio::co_spawn(io, ask_once(place_, trust_, request_of(place_, key_, method, path, body)), asio::use_future);
  io.run();
  try {
    return answer.get();
  } catch (const boost::system::system_error& failure) {
    const bool nobody = failure.code() == asio::error::connection_refused ||
                        failure.code() == boost::system::errc::no_such_file_or_directory;
    throw std::runtime_error((nobody ? "no server has its API on " : "no answer from the API on ") + place_.str() +
                             ": " + reason_of(failure.code()) +
                             (nobody ? "; --api or HEARTH_API says where it is" : ""));
  }
}

}  // namespace hearth::app
