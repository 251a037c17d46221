#pragma once

#include "net/loop.hpp"
#include "shard/control_plane.hpp"

#include <memory>

namespace hearth::shard {

/// What a shard's loop has to know of a server's options.
net::LoopOptions loop_options(const ControlPlane& plane, std::shared_ptr<const tls::CurrentContext> tls,
                              net::Clock::time_point (*clock)() noexcept);

}  // namespace hearth::shard
