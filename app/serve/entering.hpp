#pragma once

#include "backend/node_register.hpp"
#include "backend/question.hpp"
#include "config/config.hpp"
#include "process/shutdown_signals.hpp"

#include <memory>
#include <optional>

namespace hearth::app {

/// This process among the instances of its cluster.
struct Entered {
  NodeName node{};
  std::unique_ptr<NodeRegister> list{};  ///< in which it stands; null if there is none to stand in
};

/// Gives this process its id, and its name: `server.name`, if no other instance has it that lives. Enters it in the
/// list of those that tell events, if it tells any and there are others. Waits for Redis, at most as long as the broker
/// does, and hears signals meanwhile: nothing if one says that it is to end. Throws what NodeRegister does.
std::optional<Entered> enter(const config::Config& config, const ShutdownSignals& signals);

}  // namespace hearth::app
