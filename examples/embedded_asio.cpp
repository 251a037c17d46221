// A program that has a Boost.Asio io_context of its own, with Hearth inside. Its timer changes a price; clients are
// told, and may ask for the next price with {"event":"next","id":…}. Hearth's coroutine handlers run on the same
// io_context and its one thread, so that they share the program's state without a lock.
//
//   embedded_asio [port]    listens on 127.0.0.1; without a port, or with 0, on a free one

#include "hearth/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;

class Market {
 public:
  Market(asio::io_context& io, const std::string& port)
      : io_(io), changed_(io, asio::steady_timer::time_point::max()), server_(options(port)) {}
  hearth::Server& server() { return server_; }

  // The program's own work: no part of it is Hearth's but the broadcast.
  hearth::Awaitable<void> trade() {
    asio::steady_timer clock(io_);
    for (;;) {
      clock.expires_after(std::chrono::milliseconds(100));
      co_await clock.async_wait(asio::use_awaitable);
      ++price_;
      changed_.cancel();  // wakes those who wait for the next price
      server_.broadcast("price", boost::json::value(price_));
    }
  }

 private:
  hearth::Options options(const std::string& port) {
    hearth::Options options;
    options.identifier = "market";
    options.listen = {"127.0.0.1:" + port};
    options.executor = io_.get_executor();
    options.authenticate = [](const hearth::AuthenticateRequest&) { return hearth::Identity{}; };
    options.message = [this](const hearth::Message& message) { return answer(message); };
    return options;
  }

  // A coroutine may wait as long as it likes. The next message of this client is handled when it is done.
  hearth::Awaitable<void> answer(const hearth::Message& message) {
    if (message.event != "next") co_return;
    boost::system::error_code woken;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    server_.send_to_client(message.client_id, "next", boost::json::value{{"id", message.id}, {"price", price_}});
  }

  asio::io_context& io_;
  asio::steady_timer changed_;
  int price_ = 100;
  hearth::Server server_;
};

void run(const std::string& port) {
  asio::io_context io(1);
  Market market(io, port);
  std::jthread stopper;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    // shutdown() waits for the handlers that are at work, which need this thread: another one does the waiting.
    stopper = std::jthread([&] {
      market.server().shutdown();
      io.stop();
    });
  });
  market.server().start();
  std::cout << "listening on " << market.server().addresses().front() << std::endl;
  asio::co_spawn(io, market.trade(), asio::detached);
  io.run();
}

}  // namespace

int main(int argc, char** argv) try {
  run(argc > 1 ? argv[1] : "0");
  return 0;
} catch (const std::exception& error) {
  std::cerr << "embedded_asio: " << error.what() << '\n';
  return 1;
}
