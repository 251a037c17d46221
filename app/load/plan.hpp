#pragma once

#include "load/client_tokens.hpp"
#include "load/sockets.hpp"
#include "net/address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hearth::load {

enum class Scenario : std::uint8_t {
  connect,  ///< handshake, authentication, joins; then nothing
  echo,     ///< each client gets its own messages back
  fanout,   ///< one publisher, everybody in its room
  rooms,    ///< many rooms, members come and go
  mixed,    ///< a day in the life: pairs, rooms, one room of all, comings and goings, reconnects
  idle,     ///< connections that do nothing but stay
  recover,  ///< all go, miss messages of rooms that remember, and come back at once
};

/// How a message gets from a client to a room.
enum class SendBy : std::uint8_t {
  publish,      ///< the protocol's `publish`; the server has to allow it
  application,  ///< events `echo` and `room`, which the application of bench_app answers
};

/// What a run does, checked.
struct Plan {
  Scenario scenario = Scenario::echo;
  std::string url{};
  std::string host{};  ///< for the `Host` field
  std::string path{};
  std::vector<net::Address> addresses{};  ///< the first is connected to
  std::optional<SocketTls> tls{};         ///< for wss://

  std::size_t clients = 0;
  unsigned threads = 1;
  std::size_t window = 1;  ///< messages at once, closed loop
  double rate = 0;         ///< messages a second over all clients, open loop; 0: closed loop
  std::size_t bytes = 64;  ///< of the JSON text of `data`
  std::chrono::milliseconds duration{10'000};
  std::uint64_t messages = 0;  ///< to send in all, instead of a duration; 0: as many as there is time for
  std::chrono::milliseconds warm_up{2'000};
  std::chrono::milliseconds stragglers{5'000};  ///< wait for the next message that is under way, at the end

  std::size_t rooms = 0;
  std::size_t members = 0;   ///< of a room, on average
  double zipf = 0;           ///< exponent of the rooms' sizes; 0: all the same
  double churn = 0;          ///< members a second that leave, each followed by one that joins
  double reconnects = 0;     ///< clients a second that go and come again
  std::uint64_t missed = 0;  ///< messages of each room that are sent while nobody is there

  bool since = false;  ///< rooms are joined with `since`: their members get positions
  bool encrypt = false;
  bool deflate = false;
  std::string token{};                           ///< in the auth data; empty: one for each client
  std::shared_ptr<const ClientTokens> tokens{};  ///< makes them, if there is any
  SendBy send_by = SendBy::publish;
  std::string redis{};      ///< URL; publications go through it if not empty
  std::vector<int> pids{};  ///< the server's processes; none: not known

  bool has_traffic() const noexcept {
    return scenario != Scenario::connect && scenario != Scenario::idle && scenario != Scenario::recover;
  }
};

}  // namespace hearth::load
