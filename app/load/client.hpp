#pragma once

#include "crypto/message_cipher.hpp"
#include "load/client_rooms.hpp"
#include "load/sockets.hpp"
#include "websocket/message_reader.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hearth::load {

/// One connection of the load, as its thread sees it.
struct Client : Socket {
  enum class State : std::uint8_t {
    idle,            ///< not connected yet, or not again
    connecting,      ///< TCP
    upgrading,       ///< HTTP
    authenticating,  ///< `connected` has not come
    open,
    closed,
  };

  explicit Client(std::uint32_t number) : index(number) {}

  const std::uint32_t index;
  State state = State::idle;
  bool is_ready = false;         ///< in all of its rooms
  bool counts_as_ready = false;  ///< was so once
  bool has_returned = false;     ///< and has all that it missed meanwhile
  bool is_compressed = false;
  std::uint64_t began = 0;  ///< connecting, nanoseconds since the run began
  std::string upgrade_key;
  std::string head;  ///< of the answer to the upgrade, as far as it has come
  websocket::MessageReader reader;
  std::string id;
  std::unique_ptr<crypto::ClientKey> key;
  ClientRooms rooms;
};

}  // namespace hearth::load
