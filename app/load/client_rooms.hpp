#pragma once

#include "load/sequence.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace hearth::load {

/// Where a client stands in a room that remembers; offset 0 and no epoch: nothing is known.
struct RoomPosition {
  std::string epoch;
  std::uint64_t offset = 0;
};

/// The rooms that a client is in or has asked for, by their streams, and what has come of these. Functions that take a
/// `sent` call it with a stream, for how many messages have been sent to that.
class ClientRooms {
 public:
  /// It is in the room from the beginning, as in its own.
  void enter(std::uint32_t stream) {
    memberships_.push_back({stream, Status::member});
    memberships_.back().sequence.expect_from(0);
  }
  /// It has asked to be let in, or to go on where it was before its connection broke.
  void join(std::vector<std::uint32_t> streams);
  /// It has asked to be let out of one that it is in.
  void leave(std::uint32_t stream);
  /// The oldest of these requests has been answered. False if there was none.
  template <class Sent>
  bool answered(Sent sent) {
    if (requests_.empty()) return false;
    const Request request = take_request();
    for (const auto stream : request.streams) {
      Membership* membership = find(stream);
      if (membership == nullptr) continue;
      if (request.is_join) {
        if (membership->status == Status::member) continue;  // it goes on: what came meanwhile has to come too
        membership->status = Status::member;
        membership->sequence.expect_from(sent(stream));
      } else {
        remove(*membership);
      }
    }
    return true;
  }
  /// Whether all that was asked for has been answered.
  bool is_settled() const noexcept { return requests_.empty(); }

  std::size_t size() const noexcept { return memberships_.size(); }
  /// The streams have no order that lasts.
  std::uint32_t stream_at(std::size_t index) const noexcept { return memberships_[index].stream; }
  bool knows(std::uint32_t stream) const noexcept { return find(stream) != nullptr; }

  /// Null if it does not know the room.
  RoomPosition* position(std::uint32_t stream) noexcept {
    Membership* membership = find(stream);
    return membership == nullptr ? nullptr : &membership->position;
  }

  /// Notes a message, and what is wrong with it. False if the client has not even asked for the room.
  bool receive(std::uint32_t stream, std::uint64_t number, Faults& faults) noexcept {
    Membership* membership = find(stream);
    if (membership == nullptr) return false;
    membership->sequence.receive(number, faults);
    return true;
  }
  /// How many messages have not come to it, of the rooms that it is in.
  template <class Sent>
  std::uint64_t lacking(Sent sent) const {
    std::uint64_t sum = 0;
    for (const Membership& membership : memberships_) {
      if (membership.status == Status::member) sum += membership.sequence.lacking(sent(membership.stream));
    }
    return sum;
  }

 private:
  enum class Status : std::uint8_t { joining, member, leaving };
  struct Membership {
    std::uint32_t stream = 0;
    Status status = Status::joining;
    Sequence sequence{};
    RoomPosition position{};
  };
  struct Request {
    bool is_join = false;
    std::vector<std::uint32_t> streams;
  };

  const Membership* find(std::uint32_t stream) const noexcept {
    for (const Membership& membership : memberships_) {
      if (membership.stream == stream) return &membership;
    }
    return nullptr;
  }
  Membership* find(std::uint32_t stream) noexcept {
    return const_cast<Membership*>(static_cast<const ClientRooms*>(this)->find(stream));
  }
  Request take_request();
  void remove(Membership& membership) noexcept;

  std::vector<Membership> memberships_;
  std::deque<Request> requests_;
};

}  // namespace hearth::load
