// A chat. A client gives its name in `authenticate`, joins rooms whose names begin with `chat-`, and talks to the
// members of a room with {"event":"message","data":{"room":"chat-tea","text":"Hello"}}.
//
//   chat [port]    listens on 127.0.0.1; without a port, or with 0, on a free one

#include "hearth/server.hpp"
#include "hearth/typed_json.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Introduction {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Introduction, (), (name))

struct Line {
  std::string room;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Line, (), (room, text))

class Chat {
 public:
  explicit Chat(const std::string& port) : server_(options(port)) {}
  hearth::Server& server() { return server_; }

 private:
  // Handlers run once the server has started, so that they may use it.
  hearth::Options options(const std::string& port) {
    hearth::Options options;
    options.identifier = "chat";
    options.listen = {"127.0.0.1:" + port};
    options.authenticate = introduce;
    options.validate_room = chat_rooms;
    options.message = [this](const hearth::Message& message) { say(message); };
    return options;
  }

  // A real chat would check a password or a token here. Throwing rejects the client.
  static hearth::AuthenticateResult introduce(const hearth::AuthenticateRequest& request) {
    const auto who = hearth::from_json<Introduction>(request.data.parse());
    if (who.name.empty()) return std::nullopt;
    return hearth::Identity{.user_id = who.name};
  }

  static std::vector<std::string> chat_rooms(const hearth::ValidateRoomRequest& request) {
    std::vector<std::string> allowed;
    std::copy_if(request.rooms.begin(), request.rooms.end(), std::back_inserter(allowed),
                 [](const std::string& room) { return room.starts_with("chat-"); });
    return allowed;
  }

  void say(const hearth::Message& message) try {
    if (message.event != "message") return;
    const auto line = hearth::from_json<Line>(message.data.parse());
    const auto rooms = server_.client(message.client_id).value_or(hearth::ClientSnapshot()).rooms;
    const bool is_member = std::find(rooms.begin(), rooms.end(), line.room) != rooms.end();
    if (!is_member) throw std::invalid_argument("you are not in that room");
    const boost::json::value said{{"room", line.room}, {"from", *message.user_id}, {"text", line.text}};
    server_.send_to_room(line.room, "message", said);
  } catch (const std::exception& error) {
    server_.send_to_client(message.client_id, "error", boost::json::value{{"message", error.what()}});
  }

  hearth::Server server_;
};

}  // namespace

int main(int argc, char** argv) try {
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) {});

  Chat chat(argc > 1 ? argv[1] : "0");
  chat.server().start();
  std::cout << "listening on " << chat.server().addresses().front() << std::endl;
  io.run();  // until a signal has come
  chat.server().shutdown();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "chat: " << error.what() << '\n';
  return 1;
}
