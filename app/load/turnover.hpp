#pragma once

#include "load/client.hpp"
#include "load/pace.hpp"
#include "load/plan.hpp"
#include "load/traffic.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

namespace hearth::load {

/// Who comes and goes among the clients of one thread while messages are sent: members of rooms, and whole clients.
/// Draws at random, and gives nothing if it has drawn one that cannot.
class Turnover {
 public:
  struct Move {
    Client& client;
    std::uint32_t stream;
  };

  Turnover(const Plan& plan, const Traffic& traffic, std::deque<Client>& clients, std::uint32_t seed)
      : plan_(plan), traffic_(traffic), clients_(clients), random_(seed) {}

  void start(std::uint64_t now);
  /// Takes a change of members, one that leaves and one that joins, if it is due.
  bool takes_change(std::uint64_t now) noexcept { return changes_.take(now).has_value(); }
  bool takes_reconnect(std::uint64_t now) noexcept { return reconnects_.take(now).has_value(); }
  std::uint64_t next_due() const noexcept { return std::min(changes_.next(), reconnects_.next()); }

  /// Who leaves which room. Nobody leaves one that it sends to.
  std::optional<Move> draw_leaver();
  std::optional<Move> draw_joiner();
  /// Who goes and comes again. Nobody does who sends.
  Client* draw_reconnect();

 private:
  Client& any_client() { return clients_[std::uniform_int_distribution<std::size_t>(0, clients_.size() - 1)(random_)]; }
  std::size_t any_of(std::size_t size) { return std::uniform_int_distribution<std::size_t>(0, size - 1)(random_); }

  const Plan& plan_;
  const Traffic& traffic_;
  std::deque<Client>& clients_;
  std::mt19937 random_;
  Pace changes_;
  Pace reconnects_;
};

}  // namespace hearth::load
