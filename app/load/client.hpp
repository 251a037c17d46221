#pragma once

#include "crypto/message_cipher.hpp"
#include "load/sequence.hpp"
#include "net/file_descriptor.hpp"
#include "websocket/message_reader.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hearth::load {

/// A client's place in a room.
struct Membership {
  enum class Status : std::uint8_t { joining, member, leaving };

  std::uint32_t stream = 0;
  Status status = Status::joining;
  Sequence sequence{};
};

/// A `join` or `leave` whose answer has not come.
struct RoomRequest {
  bool is_join = false;
  std::vector<std::uint32_t> streams;
};

/// One connection of the load, as its thread sees it.
struct Client {
  enum class State : std::uint8_t {
    idle,            ///< not connected yet
    connecting,      ///< TCP
    upgrading,       ///< HTTP
    authenticating,  ///< `connected` has not come
    open,
    closed,
  };

  explicit Client(std::uint32_t number) : index(number) {}

  const std::uint32_t index;
  State state = State::idle;
  bool dirty = false;            ///< has something to write
  bool is_full = false;          ///< its socket takes no more for now
  bool is_ready = false;         ///< in all of its rooms
  bool counts_as_ready = false;  ///< was so once
  net::FileDescriptor fd;
  std::uint64_t began = 0;  ///< connecting, nanoseconds since the run began
  std::string upgrade_key;
  std::string head;  ///< of the answer to the upgrade, as far as it has come
  bool is_compressed = false;
  websocket::MessageReader reader;
  std::string out;
  std::size_t written = 0;  ///< of `out`
  std::string id;
  std::unique_ptr<crypto::ClientKey> key;
  std::vector<Membership> memberships;
  std::deque<RoomRequest> requests;

  Membership* find(std::uint32_t stream) noexcept {
    for (Membership& membership : memberships) {
      if (membership.stream == stream) return &membership;
    }
    return nullptr;
  }
};

}  // namespace hearth::load
