#include "load/client_rooms.hpp"

#include <utility>

namespace hearth::load {

void ClientRooms::join(std::vector<std::uint32_t> streams) {
  for (const auto stream : streams) {
    if (!knows(stream)) memberships_.push_back({stream});
  }
  requests_.push_back({true, std::move(streams)});
}

void ClientRooms::leave(std::uint32_t stream) {
  if (Membership* membership = find(stream)) membership->status = Status::leaving;
  requests_.push_back({false, {stream}});
}

ClientRooms::Request ClientRooms::take_request() {
  Request request = std::move(requests_.front());
  requests_.pop_front();
  return request;
}

void ClientRooms::remove(Membership& membership) noexcept {
  membership = std::move(memberships_.back());
  memberships_.pop_back();
}

}  // namespace hearth::load
