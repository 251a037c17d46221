#include "load/traffic.hpp"

#include <algorithm>
#include <cmath>

namespace hearth::load {

namespace {

// Of a day in the life: out of 100 messages that many go to a pair, to a room, and to everybody.
constexpr double kToPairs = 60;
constexpr double kToRooms = 39;
constexpr double kToAll = 1;

}  // namespace

Traffic::Traffic(const Plan& plan) : memberships(plan.clients), sends(plan.clients, false), threads_(plan.threads) {
  switch (plan.scenario) {
    case Scenario::echo:
      add_echo(plan);
      break;
    case Scenario::fanout:
      add_fanout(plan);
      break;
    case Scenario::rooms:
      add_lanes(plan.threads);
      add_rooms(plan, 1);
      break;
    case Scenario::mixed:
      add_lanes(plan.threads);
      add_pairs(plan, kToPairs);
      add_rooms(plan, kToRooms);
      add_room_of_all(plan, kToAll);
      break;
    case Scenario::recover:
      add_lanes(1);
      add_remembering_rooms(plan);
      break;
    case Scenario::connect:
    case Scenario::idle:
      add_silent_rooms(plan);
  }
}

// Every client is in as many rooms as were asked for, and every room has about as many members.
void Traffic::add_silent_rooms(const Plan& plan) {
  const std::size_t rooms = std::max(plan.rooms, plan.clients * plan.rooms / plan.members);
  for (std::size_t i = 0; i < rooms; ++i) streams.emplace_back().room = "room-" + std::to_string(i);
  for (std::size_t client = 0; client < plan.clients; ++client) {
    for (std::size_t i = 0; i < plan.rooms; ++i) {
      join(static_cast<std::uint32_t>(client), static_cast<std::uint32_t>((client + i * (rooms / plan.rooms)) % rooms));
    }
  }
}

// Everybody is in all of them, and the first client publishes.
void Traffic::add_remembering_rooms(const Plan& plan) {
  for (std::size_t i = 0; i < plan.rooms; ++i) {
    const std::uint32_t stream = add_stream("bench-recover-" + std::to_string(i), 0, 0, 1);
    for (std::uint32_t client = 0; client < plan.clients; ++client) join(client, stream);
  }
}

void Traffic::add_lanes(unsigned count) {
  for (unsigned i = 0; i < count; ++i) lanes.emplace_back().thread = i % threads_;
}

void Traffic::join(std::uint32_t client, std::uint32_t stream) {
  auto& rooms = memberships[client];
  if (std::find(rooms.begin(), rooms.end(), stream) == rooms.end()) rooms.push_back(stream);
}

std::uint32_t Traffic::add_stream(std::string room, std::uint32_t sender, std::uint32_t lane, double share) {
  const auto number = static_cast<std::uint32_t>(streams.size());
  Stream& stream = streams.emplace_back();
  stream.room = std::move(room);
  stream.sender = sender;
  stream.lane = lane;
  Lane& of = lanes[lane];
  of.streams.push_back(number);
  of.shares.push_back((of.shares.empty() ? 0 : of.shares.back()) + share);
  sends[sender] = true;
  return number;
}

void Traffic::add_echo(const Plan& plan) {
  for (std::uint32_t client = 0; client < plan.clients; ++client) {
    lanes.emplace_back().thread = thread_of(client);
    add_stream({}, client, client, 1);
  }
}

void Traffic::add_fanout(const Plan& plan) {
  add_lanes(1);
  add_room_of_all(plan, 1);
  streams.front().copies = static_cast<std::uint32_t>(plan.clients);
}

void Traffic::add_room_of_all(const Plan& plan, double share) {
  const std::uint32_t all = add_stream("bench-all", 0, 0, share);
  for (std::uint32_t client = 0; client < plan.clients; ++client) join(client, all);
}

// The k-th room's size goes with 1/k^zipf (Zipf's law).
void Traffic::add_rooms(const Plan& plan, double share) {
  double sum = 0;
  for (std::size_t k = 1; k <= plan.rooms; ++k) sum += std::pow(static_cast<double>(k), -plan.zipf);
  std::uniform_int_distribution<std::size_t> any(0, plan.clients - 1);
  for (std::size_t k = 1; k <= plan.rooms; ++k) {
    const double part = std::pow(static_cast<double>(k), -plan.zipf) / sum;
    const auto wanted = static_cast<std::size_t>(std::lround(part * static_cast<double>(plan.rooms * plan.members)));
    const std::size_t size = std::clamp<std::size_t>(wanted, 2, plan.clients);
    const std::size_t first = any(random_);
    const auto sender = static_cast<std::uint32_t>(first);
    const std::uint32_t stream =
        add_stream("bench-" + std::to_string(k), sender, thread_of(sender), share / static_cast<double>(plan.rooms));
    for (std::size_t i = 0; i < size; ++i) join(static_cast<std::uint32_t>((first + i) % plan.clients), stream);
    changing.push_back(stream);
  }
}

// Every second client sends to the next one.
void Traffic::add_pairs(const Plan& plan, double share) {
  const double each = share * 2 / static_cast<double>(plan.clients);
  for (std::uint32_t client = 0; client + 1 < plan.clients; client += 2) {
    const std::uint32_t pair = add_stream("bench-pair-" + std::to_string(client), client, thread_of(client), each);
    join(client, pair);
    join(client + 1, pair);
  }
}

}  // namespace hearth::load
