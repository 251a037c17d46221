// The application of the interop tests: what tests/interop/ignis_app.mjs is on Ignis, this is on Hearth. It is told on
// standard input what to send, a command a line, and says `done` when it has.

#include "hearth/emitter.hpp"
#include "hearth/redis_broker.hpp"
#include "hearth/server.hpp"
#include "protocol/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

namespace json = boost::json;

std::optional<std::string> text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

/// `data` as the bytes that came; boost::json would write numbers its own way.
hearth::JsonView data_of(std::string_view text) {
  return hearth::JsonView::trusted(hearth::protocol::find_member(text, "data").value_or(""));
}

hearth::AuthenticateResult authenticate(const hearth::AuthenticateRequest& request) {
  const json::value data = request.data.parse();
  const json::object& object = data.as_object();
  if (object.contains("throw")) throw std::runtime_error("asked to throw");
  if (object.contains("reject")) return std::nullopt;
  return hearth::Identity{.user_id = text_of(object, "userId")};
}

std::vector<std::string> validate_room(const hearth::ValidateRoomRequest& request) {
  std::vector<std::string> allowed;
  std::copy_if(request.rooms.begin(), request.rooms.end(), std::back_inserter(allowed),
               [](const std::string& room) { return !room.starts_with("private"); });
  return allowed;
}

/// The application's own events: `echo`, and `say` to whatever `destination` is.
void handle(hearth::Server& server, const hearth::Message& message) {
  if (message.event == "echo") server.send_to_client(message.client_id, "echo", message.data);
  if (message.event != "say") return;
  const json::value data = message.data.parse();
  server.send(text_of(data.as_object(), "destination"), "said", data_of(message.data.text()));
}

void emit(hearth::Emitter& emitter, const json::object& command, const hearth::Json& payload) {
  const auto kind = text_of(command, "kind").value_or("");
  const auto target = text_of(command, "target").value_or("");
  const auto event = text_of(command, "event").value_or("");
  std::vector<std::string> exclude;
  if (const json::value* list = command.if_contains("exclude"))
    exclude = json::value_to<std::vector<std::string>>(*list);
  auto result = kind == "client" ? emitter.to_client(target, event, payload)
                : kind == "user" ? emitter.to_user(target, event, payload)
                : kind == "room" ? emitter.to_room(target, event, payload, exclude)
                                 : emitter.broadcast(event, payload, exclude);
  if (const auto sent = result.get(); !sent) throw std::runtime_error(sent.error);
}

void obey(hearth::Server& server, hearth::Emitter& emitter, const std::string& line) {
  const json::value command = json::parse(line);
  const json::object& object = command.as_object();
  if (text_of(object, "op") == "emit") return emit(emitter, object, data_of(line));
  server.send(text_of(object, "destination"), text_of(object, "topic").value_or(""), data_of(line));
}

struct Arguments {
  std::string redis;
  int auth_timeout = 5'000;
  int heartbeat_timeout = 90'000;
  bool require_encryption = false;
  bool no_handshake = false;
};

hearth::Options options_from(const Arguments& arguments) {
  hearth::Options options;
  options.identifier = "interop_app";
  options.listen = {"127.0.0.1:0"};
  options.auth_timeout = std::chrono::milliseconds(arguments.auth_timeout);
  options.heartbeat_timeout = std::chrono::milliseconds(arguments.heartbeat_timeout);
  options.heartbeat_interval = std::chrono::milliseconds(std::min(arguments.heartbeat_timeout / 3, 30'000));
  options.log_level = hearth::LogLevel::off;
  options.broker = hearth::make_redis_broker(arguments.redis);
  options.authenticate = authenticate;
  options.validate_room = validate_room;
  if (arguments.require_encryption) options.encryption = hearth::Encryption::required;
  if (arguments.no_handshake) {  // a transformer alone: encryption of its own, of which one half is missing
    options.outbound_transformer = [](const hearth::OutboundMessage&) -> hearth::OutboundResult { return {}; };
  }
  return options;
}

int run(const Arguments& arguments) {
  std::unique_ptr<hearth::Server> server;
  hearth::Options options = options_from(arguments);
  options.message = [&server](const hearth::Message& message) { handle(*server, message); };
  server = std::make_unique<hearth::Server>(std::move(options));
  server->start();
  hearth::Emitter emitter(arguments.redis);
  emitter.wait_until_ready();
  std::cout << "listening on " << server->addresses().front() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    obey(*server, emitter, line);
    std::cout << "done" << std::endl;
  }
  server->shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A server for the interop tests");
  Arguments arguments;
  app.add_option("--redis", arguments.redis)->required();
  app.add_option("--auth-timeout", arguments.auth_timeout, "Milliseconds");
  app.add_option("--heartbeat-timeout", arguments.heartbeat_timeout, "Milliseconds");
  app.add_flag("--require-encryption", arguments.require_encryption);
  app.add_flag("--no-handshake", arguments.no_handshake, "Encryption of the application's own, without its handshake");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "interop_app: " << error.what() << '\n';
    return 1;
  }
}
