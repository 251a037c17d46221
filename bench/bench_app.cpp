// The application that load generators are pointed at: echo to the sender, and a message to a room.

#include "hearth/redis_broker.hpp"
#include "hearth/server.hpp"
#include "process/descriptor_limit.hpp"
#include "process/shutdown_signals.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

hearth::AuthenticateResult by_token(const hearth::AuthenticateRequest& request) {
  const boost::json::value data = request.data.parse();
  const auto* object = data.if_object();
  const auto* token = object != nullptr ? object->if_contains("token") : nullptr;
  if (token == nullptr || !token->is_string() || token->get_string().empty()) return std::nullopt;
  return hearth::Identity{.user_id = std::string(token->get_string())};
}

void answer(hearth::Server& server, const hearth::Message& message, bool remembers) {
  if (message.event == "echo") {
    server.send_to_client(message.client_id, "echo", message.data);
  } else if (message.event == "room") {
    const boost::json::value data = message.data.parse();
    const auto* object = data.if_object();
    const auto* room = object != nullptr ? object->if_contains("room") : nullptr;
    if (room == nullptr || !room->is_string()) return;
    if (remembers) {
      server.send(room->get_string(), "msg", message.data);  // through the log
    } else {
      server.send_to_room(room->get_string(), "msg", message.data);
    }
  }
}

struct Arguments {
  std::uint16_t port = 0;
  unsigned threads = 0;
  bool encrypt = false;
  bool deflate = false;
  std::uint32_t history = 0;
  std::string redis;
  std::vector<std::string> tls;  // certificate and key, or nothing
};

int run(const Arguments& arguments) {
  const hearth::app::ShutdownSignals signals;
  hearth::app::raise_descriptor_limit();
  std::unique_ptr<hearth::Server> server;
  hearth::Options options;
  options.identifier = "bench_app";
  options.listen = {"127.0.0.1:" + std::to_string(arguments.port)};
  options.threads = arguments.threads;
  options.encryption = arguments.encrypt ? hearth::Encryption::required : hearth::Encryption::off;
  options.auth_timeout = std::chrono::seconds(60);
  options.per_message_deflate.enabled = arguments.deflate;
  if (!arguments.redis.empty()) options.broker = hearth::make_redis_broker(arguments.redis);
  if (!arguments.tls.empty()) {
    options.tls = hearth::TlsOptions{.certificates = {{arguments.tls[0], arguments.tls[1]}}};
  }
  options.authenticate = by_token;
  options.validate_room = [](const hearth::ValidateRoomRequest& request) {
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  };
  const bool remembers = arguments.history > 0;
  if (remembers) options.room_rules = hearth::RoomRules({{.pattern = {"**"}, .history_size = arguments.history}});
  options.message = [&server, remembers](const hearth::Message& message) { answer(*server, message, remembers); };
  server = std::make_unique<hearth::Server>(std::move(options));
  server->start();
  std::cout << "listening on " << server->addresses().front() << std::endl;
  signals.wait();
  server->shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Echoes, and sends to rooms, for load generators");
  Arguments arguments;
  app.add_option("--port", arguments.port, "Port on 127.0.0.1; 0 takes a free one")->required();
  app.add_option("--threads", arguments.threads, "Shards; 0: one a core")->capture_default_str();
  app.add_flag("--encrypt", arguments.encrypt, "Only clients that encrypt: authenticate has to bring a publicKey");
  app.add_flag("--deflate", arguments.deflate, "Offers permessage-deflate");
  app.add_option("--history", arguments.history, "Rooms keep so many publications; 0: none")->capture_default_str();
  app.add_option("--redis", arguments.redis, "URL of a Redis that joins several servers");
  app.add_option("--tls", arguments.tls, "Speaks TLS with this certificate and key, PEM files")
      ->expected(2)
      ->delimiter(',')
      ->type_name("CERT,KEY");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "bench_app: " << error.what() << '\n';
    return 1;
  }
}
