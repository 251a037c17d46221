#pragma once

#include "net/file_descriptor.hpp"
#include "support/patience.hpp"

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// Thousands of clients in one thread. Each upgrades and authenticates by itself. What must not happen throws
/// std::runtime_error.
class ClientSwarm {
 public:
  /// Called with every message but `connected`, in the order in which it came to that client.
  using OnMessage = std::function<void(std::size_t client, std::string_view text)>;

  ClientSwarm(std::string address, OnMessage on_message);

  /// Adds a client, whose `authenticate` carries `data`, and returns its number. Numbers count from 0.
  std::size_t add(std::string_view data = "{}");
  /// Sends a text message, at once or when the socket takes it.
  void send(std::size_t client, std::string_view text);
  /// Stops or goes on reading what comes for a client.
  void set_reading(std::size_t client, bool reading);
  /// Closes the socket.
  void drop(std::size_t client);

  std::size_t size() const { return clients_.size(); }
  /// How many have authenticated, ever.
  std::size_t authenticated() const { return authenticated_; }
  const std::string& id(std::size_t client) const { return clients_[client].id; }

  /// Reads and writes until `condition` holds. Throws with `what` when it does not for kPatience.
  void run_until(std::string_view what, const std::function<bool()>& condition);
  /// Adds clients until there are `count`, `data(number)` being what each authenticates with.
  void grow_to(std::size_t count, const std::function<std::string(std::size_t)>& data);

 private:
  struct Client {
    net::FileDescriptor fd;
    bool upgraded = false;
    bool reading = true;
    std::string id;
    std::string input;   // of an unfinished frame
    std::string output;  // not taken by the socket
  };

  void turn(int milliseconds);
  void watch(std::size_t client, int operation);
  void write(Client& client, std::size_t number, std::string_view bytes);
  void read(std::size_t number);
  std::string_view take_upgrade(Client& client, std::string_view input) const;
  std::string_view take_frames(std::size_t number, std::string_view input);
  void take_message(std::size_t number, std::string_view text);

  const std::string address_;
  const OnMessage on_message_;
  net::FileDescriptor epoll_;
  std::vector<Client> clients_;
  std::vector<char> buffer_;
  std::size_t authenticated_ = 0;
};

}  // namespace hearth::test
