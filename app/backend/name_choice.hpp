#pragma once

#include "backend/node_list.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::app {

/// Chooses the name under which an instance enters the list: the one that it is given, or, if an instance that lives
/// has it, with `-2`, `-3` and so on. Whether one lives shows in whether it says so again; who is silent is waited for,
/// but not for long: it may be what this one was before a crash. Knows neither Redis nor a clock.
class NameChoice {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Choice {
    std::string name{};
    std::vector<std::string> dead{};  ///< ids of instances that had it
  };

  NameChoice(std::string wanted, std::chrono::milliseconds patience)
      : wanted_(std::move(wanted)), patience_(patience) {}

  /// Nothing: look again.
  std::optional<Choice> choose(const NodeLook& look, Time now);

 private:
  enum class State : std::uint8_t { dead, unknown, alive };
  struct Seen {
    std::int64_t seen = 0;
    Time since{};
  };

  State state_of(const ListedNode& node, Time now) const;

  const std::string wanted_;
  const std::chrono::milliseconds patience_;
  std::map<std::string, Seen, std::less<>> first_{};
};

}  // namespace hearth::app
