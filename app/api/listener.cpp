#include "api/listener.hpp"

#include "api/connection.hpp"
#include "api/desk.hpp"
#include "api/routes.hpp"
#include "api/shard_probe.hpp"
#include "net/listener.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

class ApiListener::Impl {
 public:
  Impl(const config::Config& config, ApiHost host)
      : sockets_(config.api.listen, 1),
        probe_(host.server, io_.get_executor()),
        alive_interval_(host.alive_interval),
        alive_(host.alive),
        desk_(config, std::move(host), probe_, io_.get_executor()),
        routes_(desk_, ApiPages(std::move(desk_.host.pages))),
        limits_{config.api.max_body.bytes},
        tls_(std::move(desk_.host.tls)) {}

  ~Impl() {  // NOLINT(bugprone-exception-escape): for want of memory alone, at the end of the process
    io_.stop();
    if (thread_.joinable()) thread_.join();
    desk_.streams.close();  // before what they are fed by ends
  }

  void start() {
    sockets_.listen();
    for (net::Listener& listener : sockets_.take(0)) {
      const int fd = ::fcntl(listener.fd.get(), F_DUPFD_CLOEXEC, 0);
      if (fd < 0) throw std::system_error(errno, std::generic_category(), "api.listen");
      // The family makes no difference: nothing is opened or bound any more.
      Acceptor acceptor(io_);
      acceptor.assign(asio::generic::stream_protocol(AF_INET, 0), fd);
      asio::co_spawn(io_, accept(std::move(acceptor)), asio::detached);
    }
    asio::co_spawn(io_, watch_broker(), asio::detached);
    asio::co_spawn(io_, take_samples(), asio::detached);
    if (alive_interval_.count() > 0) asio::co_spawn(io_, tell_of_life(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void close() {
    asio::post(io_, [this] { desk_.is_closing = true; });
  }

  void set_gate(ApiGate gate) {
    asio::post(io_, [this, gate = std::move(gate)]() mutable { desk_.admission.set_gate(std::move(gate)); });
  }

  void set_tls(TlsContext tls) {
    asio::post(io_, [this, tls = std::move(tls)]() mutable { tls_ = std::move(tls); });
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> texts;
    for (const net::Address& address : sockets_.addresses()) texts.push_back(address.str());
    return texts;
  }

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

  asio::awaitable<void> accept(Acceptor acceptor) {
    constexpr std::chrono::milliseconds kPause{100};
    for (;;) {
      boost::system::error_code error;
      auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // no descriptor is free
        asio::steady_timer pause(io_, kPause);
        co_await pause.async_wait(asio::use_awaitable);
      } else if (connections_ < kMostConnections) {
        asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
      }
    }
  }

  // How long it has been away is known although nobody asks.
  asio::awaitable<void> watch_broker() {
    constexpr std::chrono::milliseconds kInterval{500};
    for (asio::steady_timer timer(io_);;) {
      desk_.broker.note(desk_.server.broker_state());
      timer.expires_after(kInterval);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::awaitable<void> take_samples() {
    for (asio::steady_timer timer(io_, std::chrono::steady_clock::now());;) {
      co_await desk_.live.take(desk_);
      // One that the shards were slow to answer is followed by the next at its own time.
      const auto next = timer.expiry() + Live::kInterval;
      timer.expires_at(std::max(next, std::chrono::steady_clock::now()));
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::awaitable<void> tell_of_life() {
    for (asio::steady_timer timer(io_);;) {
      timer.expires_after(alive_interval_);
      if (co_await probe_.ask()) alive_();
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::awaitable<void> serve(asio::generic::stream_protocol::socket socket) {
    ++connections_;
    co_await converse(std::move(socket), tls_, routes_, limits_);
    --connections_;
  }

  asio::io_context io_{1};
  net::ListenerSet sockets_;
  ShardProbe probe_;
  std::chrono::microseconds alive_interval_;
  std::function<void()> alive_;
  ApiDesk desk_;
  ApiRoutes routes_;
  ApiLimits limits_;
  std::optional<TlsContext> tls_;
  std::size_t connections_ = 0;
  std::thread thread_;
};

ApiListener::ApiListener(const config::Config& config, ApiHost host)
    : impl_(std::make_unique<Impl>(config, std::move(host))) {}

ApiListener::~ApiListener() = default;

void ApiListener::start() { impl_->start(); }

void ApiListener::close() { impl_->close(); }

void ApiListener::set_gate(ApiGate gate) { impl_->set_gate(std::move(gate)); }

void ApiListener::set_tls(TlsContext tls) { impl_->set_tls(std::move(tls)); }

std::vector<std::string> ApiListener::addresses() const { return impl_->addresses(); }

}  // namespace hearth::app
