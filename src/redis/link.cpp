#include "redis/link.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace hearth::redis {

namespace asio = boost::asio;

namespace {

std::string describe(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::eof ? "Redis closed the connection" : error.code().message();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception was thrown";
  }
}

std::string no_connection(std::chrono::milliseconds timeout) {
  return "no connection within " + std::to_string(timeout.count()) + "ms";
}

}  // namespace

Link::Link(asio::any_io_executor executor, const RedisOptions& options, Tls* tls, std::string role, Owner& owner)
    : executor_(std::move(executor)),
      options_(options),
      tls_(tls),
      role_(std::move(role)),
      owner_(owner),
      locator_(executor_, options_, tls_),
      pause_(executor_),
      watch_(executor_),
      backoff_(options.backoff_min) {}

void Link::spawn(Awaitable<void> coroutine) {
  ++running_;
  asio::co_spawn(executor_, std::move(coroutine), [this](const std::exception_ptr& /*thrown*/) { --running_; });
}

void Link::start() { spawn(run()); }

void Link::stop() {
  stopped_ = true;
  locator_.cancel();
  pause_.cancel();
  watch_.cancel();
  if (session_) session_->connection->close();
}

void Link::fail(std::string reason) {
  if (!session_) return;
  if (session_->failure.empty()) session_->failure = std::move(reason);
  session_->connection->close();
}

Awaitable<void> Link::run() {
  while (!stopped_) {
    std::string reason;
    try {
      co_await live();
    } catch (...) {
      reason = describe(std::current_exception());
    }
    try {
      end_session(reason);
      if (!stopped_) co_await wait_for_next_attempt();
    } catch (...) {
      // What the owner could not do now, for lack of memory say, it can the next time.
    }
  }
}

void Link::end_session(const std::string& reason) {
  up_ = false;
  watch_.cancel();
  if (!session_) return owner_.link_down(reason);
  session_->connection->close();
  if (!session_->failure.empty()) return owner_.link_down(session_->failure);
  owner_.link_down(session_->connection->timed_out() ? no_connection(options_.connect_timeout) : reason);
}

Awaitable<void> Link::wait_for_next_attempt() {
  pause_.expires_after(next_pause());
  boost::system::error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Between half of the back-off and all of it, so that instances that lost the same server don't come back together.
std::chrono::milliseconds Link::next_pause() {
  const auto whole = backoff_.count();
  backoff_ = std::min(backoff_ * 2, options_.backoff_max);
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(whole / 2, whole)(random_));
}

Awaitable<void> Link::live() {
  const auto session = std::make_shared<Session>();
  session->connection = std::make_shared<Connection>(executor_, tls_);
  session_ = session;
  co_await connect(session);
  if (stopped_) co_return;
  const auto since = Clock::now();
  session->pulse.emplace(options_.dead_peer_timeout, since);
  up_ = true;
  spawn(watch(session));
  owner_.link_up();
  for (;;) {
    const std::string_view bytes = co_await session->connection->read();
    const auto now = Clock::now();
    session->pulse->heard(now);
    // One that breaks at once again and again must not be tried again at once again and again.
    if (now - since > options_.backoff_max) backoff_ = options_.backoff_min;
    session->connection->reader().read(bytes, [&](const RespReply& reply) {
      if (session->failure.empty()) owner_.link_reply(reply);
    });
  }
}

Awaitable<void> Link::connect(std::shared_ptr<Session> session) {
  Connection& connection = *session->connection;
  session->endpoint = co_await locator_.locate();
  if (stopped_) co_return;
  const RedisEndpoint& endpoint = session->endpoint;
  std::string reason;
  try {
    connection.arm(options_.connect_timeout);
    co_await connection.connect(endpoint);
    const std::string name = options_.client_name.empty() ? std::string() : options_.client_name + ':' + role_;
    co_await connection.greet(options_.user, options_.password, options_.database, name);
    co_await locator_.inspect(connection);
    connection.disarm();
  } catch (...) {
    reason = connection.timed_out() ? no_connection(options_.connect_timeout) : describe(std::current_exception());
  }
  if (!reason.empty()) {
    session->failure = endpoint.str() + ": " + reason;
    throw Error(session->failure);
  }
}

void Link::send(std::string_view bytes) {
  if (!up_) return;
  session_->unwritten += bytes;
  if (session_->writing) return;
  session_->writing = true;
  spawn(write(session_));
}

Awaitable<void> Link::write(std::shared_ptr<Session> session) {
  std::string bytes;
  try {
    while (!session->unwritten.empty()) {
      bytes.clear();
      bytes.swap(session->unwritten);
      co_await session->connection->write(bytes);
      if (session->unwritten.empty()) {
        session->writing = false;
        if (up_ && session == session_) owner_.link_writable();
        if (session->writing) co_return;  // another one does it
      }
    }
  } catch (...) {
    session->connection->close();  // which ends the reading, and that says why
  }
}

Awaitable<void> Link::watch(std::shared_ptr<Session> session) {
  Pulse& pulse = *session->pulse;
  try {
    while (up_ && session == session_) {
      watch_.expires_at(pulse.next());
      boost::system::error_code cancelled;
      co_await watch_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      if (cancelled || !up_ || session != session_) co_return;
      const Pulse::Due due = pulse.look(Clock::now());
      if (due == Pulse::Due::end) {
        fail("nothing was heard from Redis for " + std::to_string(options_.dead_peer_timeout.count()) + "ms");
      } else if (due == Pulse::Due::ping) {
        owner_.link_ping();
        if (options_.topology == RedisTopology::sentinel) spawn(look_for_another_master(session));
      }
    }
  } catch (...) {
    if (session == session_) fail(describe(std::current_exception()));  // a link that nobody watches must not stay
  }
}

// After a failover that its old master survives, that one is told only seconds later.
Awaitable<void> Link::look_for_another_master(std::shared_ptr<Session> session) {
  if (std::exchange(session->looking, true)) co_return;
  try {
    const RedisEndpoint master = co_await locator_.locate();
    if (up_ && session == session_ && master != session->endpoint) fail("the Sentinels name another master");
  } catch (...) {
    // That no Sentinel answers is no reason to leave a server that does.
  }
  session->looking = false;
}

}  // namespace hearth::redis
