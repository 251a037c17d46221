#include "serve.hpp"

#include "hearth/redis_broker.hpp"
#include "hearth/server.hpp"
#include "net/descriptor_limit.hpp"
#include "net/shutdown_signals.hpp"
#include "playground.hpp"

#include <boost/system/system_error.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <utility>

namespace hearth::app {

namespace {

// Valid JSON that Boost.JSON can't represent names nobody.
boost::json::value parse_or_null(const JsonView& data) {
  try {
    return data.parse();
  } catch (const boost::system::system_error&) {
    return nullptr;
  }
}

// Takes a client's word for who it is.
AuthenticateResult accept_anybody(const AuthenticateRequest& request) {
  const boost::json::value data = parse_or_null(request.data);
  if (const auto* object = data.if_object()) {
    for (const std::string_view key : {"userId", "token"}) {
      const auto* name = object->if_contains(key);
      if (name != nullptr && name->is_string() && !name->get_string().empty()) {
        return Identity{.user_id = std::string(name->get_string())};
      }
    }
  }
  return Identity{};
}

std::vector<std::string> allow_all(const ValidateRoomRequest& request) {
  return {request.rooms.begin(), request.rooms.end()};
}

void warn_of_dev_mode() {
  const bool colour = ::isatty(STDERR_FILENO) != 0;
  std::cerr << (colour ? "\033[1;33m" : "")
            << "warning: development mode: every client is accepted as whoever it says it is, may join every room and "
               "publish there. Do not let others reach this server."
            << (colour ? "\033[0m" : "") << std::endl;
}

// A browser can't open 0.0.0.0, nor a Unix socket.
std::string page_address(std::string address) {
  for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
    if (address.starts_with(any)) address = "localhost:" + address.substr(any.size());
  }
  return "http://" + address + "/";
}

}  // namespace

int serve(const ServeArguments& arguments) {
  if (!arguments.dev) {
    std::cerr << "hearth serve: there is no way yet to say who may connect, so that only development mode can be "
                 "started: hearth serve --dev\n";
    return 2;
  }
  const net::ShutdownSignals signals;
  net::raise_descriptor_limit();
  Options options;
  options.identifier = "hearth";
  options.listen = arguments.listen;
  options.path = arguments.path;
  options.threads = arguments.threads;
  options.per_message_deflate.enabled = arguments.deflate;
  const auto level = std::find_if(kLogLevels.begin(), kLogLevels.end(),
                                  [&](const auto& named) { return named.first == arguments.log_level; });
  if (level != kLogLevels.end()) options.log_level = level->second;
  const auto encryption = std::find_if(kEncryptions.begin(), kEncryptions.end(),
                                       [&](const auto& named) { return named.first == arguments.encryption; });
  if (encryption != kEncryptions.end()) options.encryption = encryption->second;
  if (!arguments.redis.empty()) options.broker = make_redis_broker(arguments.redis);
  options.client_publish = true;
  options.authenticate = accept_anybody;
  options.validate_room = allow_all;
  options.pages = playground_pages(arguments.path, arguments.encryption);
  Server server(std::move(options));
  server.start();

  warn_of_dev_mode();
  for (const std::string& address : server.addresses()) std::cout << "listening on " << address << '\n';
  const auto addresses = server.addresses();
  const auto tcp = std::find_if(addresses.begin(), addresses.end(),
                                [](const std::string& address) { return !address.starts_with("unix"); });
  if (tcp != addresses.end()) std::cout << "playground: " << page_address(*tcp) << '\n';
  std::cout.flush();

  const int signal = signals.wait();
  std::cerr << "hearth: " << (signal == SIGINT ? "SIGINT" : "SIGTERM") << ": shutting down" << std::endl;
  server.shutdown();
  return 0;
}

}  // namespace hearth::app
