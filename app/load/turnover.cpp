#include "load/turnover.hpp"

#include <algorithm>

namespace hearth::load {

void Turnover::start(std::uint64_t now) {
  const auto of_this_thread = [&](double rate) { return rate / plan_.threads; };
  if (!traffic_.changing.empty()) changes_ = Pace(of_this_thread(plan_.churn), now, 1);
  reconnects_ = Pace(of_this_thread(plan_.reconnects), now, 1);
}

std::optional<Turnover::Move> Turnover::draw_leaver() {
  Client& client = any_client();
  if (!client.is_ready || !client.rooms.is_settled() || client.rooms.size() == 0) return std::nullopt;
  const std::uint32_t stream = client.rooms.stream_at(any_of(client.rooms.size()));
  const bool changes = std::binary_search(traffic_.changing.begin(), traffic_.changing.end(), stream);
  if (!changes || traffic_.streams[stream].sender == client.index) return std::nullopt;
  return Move{client, stream};
}

std::optional<Turnover::Move> Turnover::draw_joiner() {
  Client& client = any_client();
  const std::uint32_t stream = traffic_.changing[any_of(traffic_.changing.size())];
  if (!client.is_ready || !client.rooms.is_settled() || client.rooms.knows(stream)) return std::nullopt;
  return Move{client, stream};
}

Client* Turnover::draw_reconnect() {
  Client& client = any_client();
  const bool may_go = client.is_ready && client.state == Client::State::open && !traffic_.sends[client.index];
  return may_go ? &client : nullptr;
}

}  // namespace hearth::load
