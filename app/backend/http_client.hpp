#pragma once

#include "backend/http_request.hpp"
#include "hearth/handler.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace hearth::app {

/// Sends HTTP requests: HTTP/1.1, or 2 over TLS; connections are kept. Redirects are not followed, and neither the
/// environment's proxies nor its cookies or passwords are used.
///
/// All of it happens on the one thread of an io_context; it is made and destroyed while that does not run.
class HttpClient {
 public:
  explicit HttpClient(boost::asio::io_context& io);
  ~HttpClient();  // NOLINT(bugprone-exception-escape): Asio's timers do not throw when they are cancelled
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The request goes when the coroutine is cancelled. Throws for want of memory alone.
  Awaitable<HttpAnswer> send(HttpRequest request);
  /// Ends what is under way, as a connection that breaks would, and what is sent later.
  void close();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace hearth::app
