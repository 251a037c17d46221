// A server of the library whose rooms `log` and `ticker` remember, for the tests of the JavaScript client. Who reads
// the ticker too slowly is told what was left out.

#include "hearth/room_rules.hpp"
#include "hearth/server.hpp"
#include "process/shutdown_signals.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct Arguments {
  std::uint32_t size = 1000;
  unsigned threads = 0;
};

hearth::Options options_from(const Arguments& arguments) {
  hearth::RoomRule log;
  log.pattern = {"log"};
  log.history_size = arguments.size;
  hearth::RoomRule ticker = log;
  ticker.pattern = {"ticker"};
  ticker.slow_consumer = hearth::RoomSlowConsumer::gap;
  hearth::RoomRule here;
  here.pattern = {"here"};
  here.presence = hearth::RoomPresence::members;
  hearth::Options options;
  options.identifier = "remembering_app";
  options.listen = {"127.0.0.1:0"};
  options.threads = arguments.threads;
  options.log_level = hearth::LogLevel::off;
  options.name_rooms = true;
  options.client_publish = true;
  options.authenticate = [](const hearth::AuthenticateRequest&) { return hearth::Identity{}; };
  options.validate_room = [](const hearth::ValidateRoomRequest& request) {
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  };
  options.room_rules = hearth::RoomRules({log, ticker, here});
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A server whose rooms remember");
  Arguments arguments;
  app.add_option("--size", arguments.size, "Publications kept");
  app.add_option("--threads", arguments.threads, "Threads; 0: one a core");
  CLI11_PARSE(app, argc, argv);
  try {
    const hearth::app::ShutdownSignals signals;
    hearth::Server server(options_from(arguments));
    server.start();
    std::cout << "listening on " << server.addresses().front() << std::endl;
    signals.wait();
    server.shutdown();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "remembering_app: " << error.what() << '\n';
    return 1;
  }
}
