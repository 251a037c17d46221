// A WebSocket server that returns every message as it came, on the codec and the loop alone: for conformance suites.

#include "net/listener.hpp"
#include "net/loop.hpp"
#include "process/descriptor_limit.hpp"
#include "process/shutdown_signals.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

namespace {

class Echo final : public hearth::net::Application {
 public:
  explicit Echo(hearth::net::LoopOptions options) : loop_(std::move(options), *this) {}

  hearth::net::Loop& loop() { return loop_; }

  /// From any thread: ends the loop's run.
  void stop() {
    is_stopping_ = true;
    loop_.wakeup()->notify();
  }

  void tick() override {
    if (is_stopping_) loop_.stop();
  }
  void opened(hearth::net::Connection&, const hearth::net::Upgrade&) override {}
  bool closed(hearth::net::Connection&, std::uint16_t, std::string_view) override { return true; }
  void received(hearth::net::Connection& connection, hearth::websocket::Opcode opcode,
                std::span<char> message) override {
    const std::string_view text(message.data(), message.size());
    hearth::net::Outgoing answer = loop_.stage(opcode, {&text, 1});
    loop_.send(connection, answer);
  }

 private:
  hearth::net::Loop loop_;
  std::atomic<bool> is_stopping_ = false;
};

int run(std::uint16_t port, bool deflate, std::size_t max_payload) {
  hearth::net::LoopOptions options;
  options.path.clear();  // whatever the suite asks for
  options.max_message_size = max_payload;
  options.backpressure_limit = max_payload * 2;
  options.idle_timeout = std::chrono::minutes(10);
  options.send_pings = false;
  options.deflate.enabled = deflate;
  options.deflate.server_no_context_takeover = false;
  options.deflate.client_no_context_takeover = false;
  options.deflate.min_size = 0;
  options.log = {hearth::log::standard_error("ws_echo"), hearth::LogLevel::warning};

  const hearth::app::ShutdownSignals signals;
  hearth::app::raise_descriptor_limit();
  const std::array<std::string, 1> addresses{"127.0.0.1:" + std::to_string(port)};
  hearth::net::ListenerSet listeners(addresses, 1);
  Echo echo(std::move(options));
  listeners.listen();
  echo.loop().listen(listeners.take(0));
  std::cout << "listening on " << listeners.addresses().front().str() << std::endl;
  std::thread looping([&echo] { echo.loop().run(); });
  signals.wait();
  echo.stop();
  looping.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Returns every WebSocket message as it came");
  std::uint16_t port = 9001;
  bool deflate = false;
  std::size_t max_payload = std::size_t{64} * 1024 * 1024;
  app.add_option("--port", port, "Port on 127.0.0.1; 0 takes a free one")->capture_default_str();
  app.add_flag("--deflate", deflate, "Agree to permessage-deflate, with context takeover");
  app.add_option("--max-payload", max_payload, "Longest message, in bytes")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(port, deflate, max_payload);
  } catch (const std::exception& error) {
    std::cerr << "ws_echo: " << error.what() << '\n';
    return 1;
  }
}
