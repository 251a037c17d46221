// A notification service. Clients authenticate with {"token":…,"device":…}, read into a struct, and get what is for
// their account on each of its devices that is online. A thread that knows nothing of connections sends it.
//
//   notifications [port]    listens on 127.0.0.1; without a port, or with 0, on a free one

#include "hearth/typed_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace {

/// The `data` of `authenticate`. What is no std::optional must be there, or the client is rejected.
struct Login {
  std::string token;
  std::optional<std::string> device;
};
BOOST_DESCRIBE_STRUCT(Login, (), (token, device))

/// What the server keeps of a client for as long as it is connected.
struct Device {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Device, (), (name))

struct Notification {
  int number;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Notification, (), (number, text))

using Server = hearth::TypedServer<Login, Device>;

// In place of a table of accounts.
const std::map<std::string, std::string> kAccountOfToken{{"token-of-ann", "ann"}, {"token-of-ben", "ben"}};

std::optional<hearth::TypedIdentity<Device>> authenticate(const hearth::TypedAuthenticateRequest<Login>& request) {
  const auto account = kAccountOfToken.find(request.data.token);
  if (account == kAccountOfToken.end()) return std::nullopt;
  return hearth::TypedIdentity<Device>{account->second, Device{request.data.device.value_or("unnamed")}};
}

// Sends are safe from any thread. A user without a client online is no error: nobody gets the message.
void notify_everybody(std::stop_token stop, Server& server) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  for (int number = 1; !stop.stop_requested(); ++number) {
    for (const auto& [token, user] : kAccountOfToken) {
      server.send_to_user(user, "notification", Notification{number, "News for " + user});
    }
    never.wait_for(lock, stop, std::chrono::milliseconds(250), [] { return false; });
  }
}

void run(const std::string& port) {
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) {});

  hearth::Options options;
  options.identifier = "notifications";
  options.listen = {"127.0.0.1:" + port};
  // Handlers run once the server has started, so that they may refer to it.
  Server server(options, {.authenticate = authenticate, .client_connected = [&server](const auto& event) {
                            server.send_to_client(event.client_id, "welcome", event.metadata);
                          }});
  server.start();
  std::cout << "listening on " << server.addresses().front() << std::endl;

  std::jthread notifier([&server](std::stop_token stop) { notify_everybody(stop, server); });
  io.run();  // until a signal has come
  server.shutdown();
}

}  // namespace

int main(int argc, char** argv) try {
  run(argc > 1 ? argv[1] : "0");
  return 0;
} catch (const std::exception& error) {
  std::cerr << "notifications: " << error.what() << '\n';
  return 1;
}
